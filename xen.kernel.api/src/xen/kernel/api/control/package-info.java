/** Domain 0's privileged interface: what a guest kernel with privilege would do by domctl, sysctl and memory_op, as typed calls. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.control;
