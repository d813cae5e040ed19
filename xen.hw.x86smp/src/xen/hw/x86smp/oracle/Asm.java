package xen.hw.x86smp.oracle;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Just enough of an assembler for {@link SiliconServer}: 64-bit code at a fixed base, memory
 * operands within 2 GiB of it, labels with 32-bit jumps. What is not worth a method is given in hex.
 */
final class Asm {
    private record Fixup(int at, String label) {
    }

    private final long base;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<String, Integer> labels = new HashMap<>();
    private final List<Fixup> fixups = new ArrayList<>();

    Asm(long base) {
        this.base = base;
    }

    Asm hex(String s) {
        out.writeBytes(HexFormat.of().parseHex(s.replace(" ", "")));
        return this;
    }

    Asm imm32(long v) {
        for (int i = 0; i < 4; i++) {
            out.write((int) (v >> 8 * i));
        }
        return this;
    }

    Asm imm64(long v) {
        return imm32(v).imm32(v >> 32);
    }

    Asm label(String name) {
        labels.put(name, out.size());
        return this;
    }

    /** Fills with INT3 up to the address: for entry points that others must know. */
    Asm org(long address) {
        if (out.size() > address - base) {
            throw new IllegalStateException("org " + Long.toHexString(address) + " is behind the code");
        }
        while (out.size() < address - base) {
            out.write(0xCC);
        }
        return this;
    }

    /** The shorter form zero-extends 32 bits. */
    Asm mov(int reg, long imm) {
        boolean wide = imm >>> 32 != 0;
        if (wide || reg >= 8) {
            out.write((wide ? 0x48 : 0x40) | reg >> 3);
        }
        out.write(0xB8 + (reg & 7));
        return wide ? imm64(imm) : imm32(imm);
    }

    Asm load(int reg, long address) {
        return absolute(0x8B, reg, address);
    }

    Asm store(long address, int reg) {
        return absolute(0x89, reg, address);
    }

    /** 64-bit operation with a register (or opcode extension) and a memory operand, relative to RIP. */
    Asm absolute(int opcode, int reg, long address) {
        out.write(0x48 | reg >> 3 << 2);
        if (opcode > 0xFF) {
            out.write(opcode >> 8);
        }
        out.write(opcode);
        out.write((reg & 7) << 3 | 5);
        return imm32(address - (base + out.size() + 4));
    }

    /** {@code rep movsq}; RSI and RDI are set already. */
    Asm copy(int bytes) {
        return mov(CpuState.RCX, bytes / 8).hex("F3 48 A5");
    }

    /** A jump (or conditional one) to a label, anywhere in the code. */
    Asm jump(String opcode, String label) {
        hex(opcode);
        fixups.add(new Fixup(out.size(), label));
        return imm32(0);
    }

    /** Linux system call with up to six constant arguments; other registers' arguments are loaded before. */
    Asm syscall(int number, long... args) {
        int[] order = {7, 6, 2, 10, 8, 9};
        for (int i = 0; i < args.length; i++) {
            if (args[i] >= 0) {
                mov(order[i], args[i]);
            }
        }
        return mov(CpuState.RAX, number).hex("0F 05");
    }

    long address(String label) {
        return base + labels.get(label);
    }

    byte[] bytes() {
        byte[] code = out.toByteArray();
        for (Fixup f : fixups) {
            int rel = labels.get(f.label) - (f.at + 4);
            for (int i = 0; i < 4; i++) {
                code[f.at + i] = (byte) (rel >> 8 * i);
            }
        }
        return code;
    }
}
