package xen.hw.x86smp.fpu;

/**
 * The whole x87 instruction set but its memory images ({@link X87State}): stack, arithmetic, comparison, transcendental functions,
 * transfers. One a CPU; the registers are the vCPU's.
 */
final class X87 extends X87Transfer {
}
