/** SPI of hypercalls: handlers are services, the core's own and any bundle's. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.hypercall;
