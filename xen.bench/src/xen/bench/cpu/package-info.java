/**
 * Speed of the CPU engines on kernels of our own: twelve hot ones and one of wide code.
 *
 * <p>The kernels are C, compiled by the host's gcc when the benchmark runs. An assembler of ours could have made the same guest code
 * without gcc, but what is to be measured is code as compilers write it: its mix of instructions, its register pressure, its loops. One
 * flat image runs unchanged on our machine (through the hardware SPI alone, no core below it) and on a bare PC in QEMU; the same objects
 * linked as a Linux program give the host's own speed. Each result is compared with what Java computes ({@link xen.bench.cpu.Kernel}).
 */
package xen.bench.cpu;
