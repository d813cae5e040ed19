/*
 * Process 1 of a guest of the laboratory: a worker thread pinned to each CPU, one round of work a line on the console.
 * "locks MS": dup and close of a descriptor of the table that all share, so that all want one short spin lock of the kernel.
 * "compute MS": every worker its own checksums. Each round is answered with the operations and nanoseconds, and how many were wrong.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX 64
#define BURST 16

static struct worker {
	unsigned long ops, bad, nanos;
	int cpu;
} __attribute__((aligned(128))) workers[MAX];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t begin = PTHREAD_COND_INITIALIZER, end = PTHREAD_COND_INITIALIZER;
static int round_number, left, computes, null;
static unsigned long length;

static unsigned long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000UL + t.tv_nsec;
}

static unsigned long checksum(void)
{
	unsigned long x = 88172645463325252UL, sum = 0;
	for (int i = 0; i < 2000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		sum += x;
	}
	return sum;
}

static unsigned long right;

static void work(struct worker *w)
{
	unsigned long from = now(), until = from + length, t;
	do {
		for (int i = 0; i < BURST; i++) {
			if (computes) {
				w->bad += checksum() != right;
			} else {
				int fd = dup(null);
				w->bad += fd <= null || close(fd) != 0;
			}
			w->ops++;
		}
		t = now();
	} while (t < until);
	w->nanos = t - from;
}

static void *worker(void *arg)
{
	struct worker *w = arg;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
	for (int seen = 0;; seen++) {
		pthread_mutex_lock(&mutex);
		while (round_number == seen) pthread_cond_wait(&begin, &mutex);
		pthread_mutex_unlock(&mutex);
		w->ops = w->bad = 0;
		work(w);
		pthread_mutex_lock(&mutex);
		if (--left == 0) pthread_cond_signal(&end);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

int main(void)
{
	char line[80];
	struct termios raw;
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	int tty = open("/dev/hvc0", O_RDWR);
	for (int i = 0; i < 3; i++) dup2(tty, i);
	tcgetattr(0, &raw);
	raw.c_lflag &= ~ECHO;
	tcsetattr(0, TCSANOW, &raw);
	null = open("/dev/null", O_RDWR);
	right = checksum();
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	for (int i = 0; i < cpus && i < MAX; i++) {
		pthread_t t;
		workers[i].cpu = i;
		pthread_create(&t, NULL, worker, &workers[i]);
	}
	printf("smp: ready %d\n", cpus);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		char what[20] = "";
		unsigned long ops = 0, bad = 0, nanos = 0, ms = 0;
		if (sscanf(line, "%19s %lu", what, &ms) != 2) continue;
		pthread_mutex_lock(&mutex);
		computes = strcmp(what, "compute") == 0;
		length = ms * 1000000UL;
		left = cpus;
		round_number++;
		pthread_cond_broadcast(&begin);
		while (left > 0) pthread_cond_wait(&end, &mutex);
		pthread_mutex_unlock(&mutex);
		for (int i = 0; i < cpus; i++) {
			ops += workers[i].ops;
			bad += workers[i].bad;
			nanos += workers[i].nanos / cpus;
		}
		/* a descriptor that leaked would show here */
		int fd = dup(null);
		bad += fd != null + 1;
		close(fd);
		printf("smp: done %s %lu %lu %lu\n", what, ops, nanos, bad);
		fflush(stdout);
	}
	reboot(RB_POWER_OFF);
	return 0;
}
