/* Serves the same protocol as bare.c on standard input and output of a Linux process: the host's own speed. */
#include <stdint.h>
#include <stdio.h>

uint64_t run(uint64_t kernel, uint64_t n);

int main(void) {
    unsigned long kernel, n;
    puts("");
    fflush(stdout);
    while (scanf("%lx %lx", &kernel, &n) == 2) {
        printf("%016lx\n", (unsigned long)run(kernel, n));
        fflush(stdout);
    }
    return 0;
}
