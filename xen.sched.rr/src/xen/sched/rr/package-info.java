/**
 * The round-robin scheduler. {@link xen.sched.rr.RoundRobin} is the policy and knows nothing of OSGi; {@link xen.sched.rr.RrComponent}
 * makes it a service. See the bundle's readme for the policy.
 */
package xen.sched.rr;
