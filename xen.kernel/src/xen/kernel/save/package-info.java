/**
 * Capturing a domain and making one of what was captured. Each part of the core writes its own state with a
 * {@link xen.kernel.save.StateWriter} and reads it with a {@link xen.kernel.save.StateReader}; this package calls them in order and owns
 * what concerns all of them: the moment (all vCPUs between two instructions), frames, and time.
 *
 * <p>A restored image is the input of a stranger. Nothing in it is taken for validated: pins, roots, descriptor tables and registered
 * pages are asked for by the calls that a guest's own hypercalls end in, with the restored frames' contents as they are; registers are
 * masked as {@code iret} and VCPUOP_initialise mask them; numbers have ranges. What holds for a guest that was built holds for one that
 * was restored.
 *
 * <p>Time: a domain has an offset to the machine's clock, 0 for one that was built here. In virtual time, on a machine that equals the
 * old one and has done nothing yet, the machine's clock, the pCPUs' and the scheduler's place are restored too and the offset stays what
 * it was: then the run goes on as if it had never been interrupted, to the instruction.
 */
package xen.kernel.save;
