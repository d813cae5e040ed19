/** Event channels as domain 0 and driver domains use them. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.event;
