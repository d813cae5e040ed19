/**
 * SPI of faster engines. The board stays tier 0's; an engine translates blocks that got hot and runs them until something is not plain,
 * then tier 0 goes on in front of that instruction. Faults, exits and budgets are tier 0's alone, so state is precise and counts are
 * exact whatever the engine.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.hw.x86smp.engine;
