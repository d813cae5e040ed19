/** Time and memory from the start of the process until a distribution's services are active. */
package xen.bench.start;
