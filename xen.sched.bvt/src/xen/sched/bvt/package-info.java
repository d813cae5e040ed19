/** Borrowed virtual time as a bundle; {@link xen.sched.bvt.BorrowedVirtualTime} is the policy and knows nothing of OSGi. */
package xen.sched.bvt;
