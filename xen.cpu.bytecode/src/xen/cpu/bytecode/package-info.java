/**
 * The engine {@code bytecode}: hot regions of guest code as hidden classes, on any host. A {@link xen.cpu.bytecode.Shape} says which blocks
 * make up a region, {@link xen.cpu.bytecode.RegionWriter} writes its one method with the guest's registers in locals, and
 * {@link xen.cpu.bytecode.BytecodeTranslator} runs it and goes from region to region. What is not plain leaves to tier 0 in front of the
 * instruction, so faults and exits are tier 0's.
 */
package xen.cpu.bytecode;
