/**
 * A machine of simulated pCPUs in virtual time that drives any {@code Scheduler} as the core does and checks the rules at every step. Schedulers
 * rehearse on it when they are activated; the contract in {@code xen.kernel.testing} and experiments are made of it. No test framework is needed.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.sched.kit;
