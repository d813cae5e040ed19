/** The machine clock and what is done at a given time. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.time;
