/**
 * The hardware contract. The machine executes guest code at CPL 3 and reports exits; the core is ring 0. State that must survive a
 * swap (memory, vCPU contexts) belongs to the core and is handed in; a machine holds caches only.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.hw;
