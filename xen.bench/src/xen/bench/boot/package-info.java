/** Seconds, CPU time, instructions and memory from process start to the first line of a Linux guest's user space. */
package xen.bench.boot;
