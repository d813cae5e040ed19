/**
 * From bytes to {@link xen.hw.x86smp.decode.Insn}: one {@link xen.hw.x86smp.decode.InstructionTable} of text rows in the SDM's operand
 * letters feeds the decoder, the disassembler, the differential tests and the translators. Nothing here executes anything.
 */
package xen.hw.x86smp.decode;
