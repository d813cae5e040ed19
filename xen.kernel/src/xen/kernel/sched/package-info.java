/** Scheduling: runnability of vCPUs, the pCPU loops in virtual and real time, the scheduler in charge, its swap, and the bypass FIFO. */
package xen.kernel.sched;
