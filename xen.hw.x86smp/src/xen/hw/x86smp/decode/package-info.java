/**
 * From bytes to {@link xen.hw.x86smp.decode.Insn}: one {@link xen.hw.x86smp.decode.InstructionTable} of text rows in the SDM's operand
 * letters feeds the decoder, the disassembler, the differential tests and the translators. Nothing here executes anything.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.hw.x86smp.decode;
