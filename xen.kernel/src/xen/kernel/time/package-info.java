/**
 * Machine time: the clock in its two modes, the ordered timeline of actions, and what a vCPU sees of time (pvclock, timers, runstates).
 * Nothing else in the house reads the host's clock.
 */
package xen.kernel.time;
