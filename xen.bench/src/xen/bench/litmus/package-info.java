/** Memory order and atomicity between vCPUs, seen by a guest of our own on each CPU engine. */
package xen.bench.litmus;
