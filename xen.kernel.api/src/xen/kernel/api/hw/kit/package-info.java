/** HotSpot's limits as a check: for the tests of bundles with hot paths. No test framework is needed. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.hw.kit;
