/**
 * Floating point and vectors: x87, MMX, SSE to SSE4.2, AES, PCLMULQDQ and SHA as pure semantics over raw register addresses, and the
 * ops that bind them to decoded instructions.
 *
 * <p>{@code SoftFloat} is exact arithmetic for all formats; {@code SseMath} puts MXCSR's rules on it and has fast paths in host
 * arithmetic; {@code X87} is the register stack. Integer SIMD works on one or two longs. A semantic method never touches guest memory:
 * ops fetch operands first, so that a fault leaves the state as it was.
 */
package xen.hw.x86smp.fpu;
