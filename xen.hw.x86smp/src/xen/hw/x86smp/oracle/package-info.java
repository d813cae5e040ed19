/**
 * Proves the CPU model against the silicon of the host.
 *
 * <p>A {@link xen.hw.x86smp.oracle.CpuCase} is a few instructions with all their input, placed in
 * the {@link xen.hw.x86smp.oracle.Sandbox}. {@link xen.hw.x86smp.oracle.NativeCpu} runs it on the
 * host's CPU in a child process, an engine runs it in the model, and their
 * {@link xen.hw.x86smp.oracle.Outcome}s must agree in everything that the SDM defines: registers,
 * flags, memory, x87 and SSE state, and the exact exception with error code and CR2.
 *
 * <p>Nothing here is reached unless a test or {@code ./xen fuzz cpu} asks for it.
 */
package xen.hw.x86smp.oracle;
