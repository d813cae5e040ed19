/** A core without guests that keeps books of what it is asked: for the tests of tool stacks, shells and drivers. No test framework is needed. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.control.kit;
