/** SPI of CPU schedulers: the core owns vCPUs and their parameters, a scheduler only orders them. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.sched;
