/** A block front end driven from Java on a made-up machine: for benchmarks and fault campaigns in a product, and for tests. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.block.kit;
