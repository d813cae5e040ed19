/** Gang scheduling as a bundle; {@link xen.sched.gang.GangScheduler} is the policy and knows nothing of OSGi. */
package xen.sched.gang;
