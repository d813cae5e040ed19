/** A credit scheduler as a bundle; {@link xen.sched.credit.Credit} is the policy and knows nothing of OSGi. */
package xen.sched.credit;
