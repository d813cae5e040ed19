/** A block front end driven from Java on a made-up machine, and contracts for plugins: for tests, benchmarks and fault campaigns. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.block.kit;
