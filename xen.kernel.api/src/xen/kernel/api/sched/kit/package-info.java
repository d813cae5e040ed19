/**
 * The contract of CPU schedulers as code: a machine of simulated pCPUs in virtual time that drives any {@code Scheduler} as the core
 * does and checks the rules at every step, and the list of checks that each scheduler bundle's tests run. No test framework is needed.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.sched.kit;
