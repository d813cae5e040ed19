/**
 * What tier 0 and engines written in Java compute alike: arithmetic flags from what their writer left, integer SIMD. Pure functions of
 * numbers.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.hw.x86smp.rules;
