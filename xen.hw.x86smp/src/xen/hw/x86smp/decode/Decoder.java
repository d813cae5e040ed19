package xen.hw.x86smp.decode;

import xen.kernel.api.hw.VcpuContext;

/**
 * Decodes one instruction at a time from host memory by {@link InstructionTable}. Holds scratch state only: one per CPU, one thread.
 *
 * <p>Invariants: never reads beyond the bytes it was given; an encoding without a row becomes {@link Opcode#UD}, one of more than 15 bytes
 * {@link Opcode#TOO_LONG}; both come back as an {@link Insn}, so that the fault is taken where the instruction would have run.
 */
public final class Decoder extends CodeBytes {
    int mode, length, map, opcode, modrm, rex, rep, vexL, vexW, vvvv, osz, asz;
    boolean p66, p67, lock, vex;
    Row row;
    final int[] kind = new int[4], reg = new int[4], osize = new int[4];
    int mem, base, index, scale, seg, imm2;
    long disp, imm;
    boolean ripRelative;

    private int override;

    /** W, which a VEX prefix has in 32-bit code too. */
    int w() { return vex ? vexW : rex >> 3 & 1; }

    /**
     * @param host host address of the first byte
     * @param available bytes that may be read there, at least 1
     * @param mode {@link Insn#MODE_64} or {@link Insn#MODE_32}
     * @return null if the instruction is longer than {@code available}
     */
    public Insn decode(long host, int available, int mode) {
        from(host, available);
        this.mode = mode;
        prefixes();
        boolean known = !overrun && opcodeAndRow();
        if (known) {
            sizes();
            operands();
            known = (!lock || row.lockable && kind[0] == Insn.MEM) && registersExist();
        }
        if (overrun) {
            if (available < LONGEST) {
                return null;
            }
            nothing(InstructionTable.TOO_LONG);
        } else if (!known) {
            nothing(InstructionTable.UD);
        }
        length = Math.min(pos, LONGEST);
        return new Insn(this);
    }

    private void prefixes() {
        rex = rep = vexL = vvvv = 0;
        override = -1;
        p66 = p67 = lock = vex = false;
        for (;;) {
            int b = fetch8();
            switch (b) {
                case 0x26 -> segment(VcpuContext.ES);
                case 0x2e -> segment(VcpuContext.CS);
                case 0x36 -> segment(VcpuContext.SS);
                case 0x3e -> segment(VcpuContext.DS);
                case 0x64 -> override = VcpuContext.FS;
                case 0x65 -> override = VcpuContext.GS;
                case 0x66 -> p66 = true;
                case 0x67 -> p67 = true;
                case 0xf0 -> lock = true;
                case 0xf2, 0xf3 -> rep = b;
                default -> {
                    if (mode == Insn.MODE_64 && (b & 0xf0) == 0x40) {
                        rex = b;
                        continue;
                    }
                    opcode = b;
                    return;
                }
            }
            // A REX that is not the last prefix counts for nothing.
            rex = 0;
        }
    }

    /** In 64-bit mode the four old segments have no base: their prefixes are ignored. */
    private void segment(int s) {
        if (mode == Insn.MODE_32) {
            override = s;
        }
    }

    private boolean opcodeAndRow() {
        map = Row.ONE_BYTE;
        if (opcode == 0x0f) {
            map = Row.MAP_0F;
            opcode = fetch8();
            if (opcode == 0x38 || opcode == 0x3a) {
                map = opcode == 0x38 ? Row.MAP_0F38 : Row.MAP_0F3A;
                opcode = fetch8();
            }
        } else if ((opcode == 0xc4 || opcode == 0xc5) && (mode == Insn.MODE_64 || peek() >= 0xc0)) {
            if (!vexPrefix()) {
                return false;
            }
        }
        modrm = -1;
        int r = 0;
        if (InstructionTable.hasModrm(map, opcode)) {
            modrm = fetch8();
            r = modrm >> 3 & 7;
        }
        if (overrun) {
            return false;
        }
        asz = mode == Insn.MODE_64 ? p67 ? 4 : 8 : p67 ? 2 : 4;
        for (Row candidate : InstructionTable.candidates(map, opcode, r)) {
            if (candidate.matches(this, modrm)) {
                row = candidate;
                return true;
            }
        }
        unknownTail();
        return false;
    }

    /** The silicon fetches the address and the immediate that an undefined opcode would have before it raises #UD. */
    private void unknownTail() {
        row = null;
        clear();
        if (map == Row.ONE_BYTE && opcode == 0x8f && (modrm & 0x1f) >= 8) {
            // An XOP prefix (AMD): nothing of it is fetched.
            return;
        }
        if (modrm >= 0 && modrm < 0xc0) {
            address();
        }
        boolean imm8 = switch (map) {
            case Row.ONE_BYTE -> opcode >= 0x80 && opcode <= 0x83 || opcode == 0xc0 || opcode == 0xc1 || opcode == 0xc6 || opcode == 0xd4 || opcode == 0xd5;
            case Row.MAP_0F -> opcode >= 0x70 && opcode <= 0x73 || opcode == 0xa4 || opcode == 0xac || opcode == 0xba || opcode == 0xc2
                    || opcode >= 0xc4 && opcode <= 0xc6;
            default -> map == Row.MAP_0F3A;
        };
        if (imm8) {
            fetch8();
        } else if (map == Row.ONE_BYTE && opcode == 0xc7) {
            fetchSigned(Math.min(plainSize(), 4));
        }
    }

    private boolean vexPrefix() {
        if (p66 || rep != 0 || lock || rex != 0) {
            return false;
        }
        vex = true;
        boolean three = opcode == 0xc4;
        int b = fetch8();
        rex = (b & 0x80) != 0 ? 0 : 4;
        map = Row.MAP_0F;
        if (three) {
            rex |= (b & 0x40) != 0 ? 0 : 2;
            rex |= (b & 0x20) != 0 ? 0 : 1;
            map = b & 0x1f;
            b = fetch8();
            rex |= b >> 4 & 8;
        }
        vvvv = ~b >> 3 & 15;
        vexL = b >> 2 & 1;
        p66 = (b & 3) == 1;
        rep = (b & 3) == 2 ? 0xf3 : (b & 3) == 3 ? 0xf2 : 0;
        vexW = rex >> 3;
        if (mode == Insn.MODE_32) {
            rex = 0;
            vvvv &= 7;
        }
        opcode = fetch8();
        return map >= 1 && map <= 3;
    }

    /** Effective operand size without a row's default: also asked by rows that exist for one size only. */
    int plainSize() {
        return (rex & 8) != 0 ? 8 : p66 && !vex ? 2 : 4;
    }

    private void sizes() {
        osz = plainSize();
        if (mode == Insn.MODE_64 && osz != 8 && row.sizeDefault != Row.D32) {
            osz = row.sizeDefault == Row.F64 || osz == 4 ? 8 : 2;
        }
        // A mandatory 66 is not an operand size.
        if (osz == 2 && row.prefix == 0x66) {
            osz = 4;
        }
    }

    private void nothing(Row r) {
        row = r;
        osz = 4;
        clear();
    }

    private void clear() {
        mem = base = index = -1;
        scale = imm2 = 0;
        disp = imm = 0;
        ripRelative = false;
        for (int i = 0; i < 4; i++) {
            kind[i] = Insn.NONE;
            reg[i] = osize[i] = 0;
        }
        seg = override >= 0 ? override : VcpuContext.DS;
    }

    private void operands() {
        clear();
        if (modrm >= 0 && modrm < 0xc0 && !row.anyMod) {
            address();
        }
        for (int i = 0; i < row.operandCount; i++) {
            osize[i] = bytes(row.sizeCode[i]);
            operand(i, row.code[i]);
        }
    }

    /** Fields that name no register are undefined opcodes, and so is a VEX register that no operand uses. */
    private boolean registersExist() {
        boolean vvvvUsed = vvvv == 0;
        for (int i = 0; i < row.operandCount; i++) {
            boolean exists = switch (kind[i]) {
                case Insn.SEG -> reg[i] <= VcpuContext.GS;
                case Insn.CR -> reg[i] == 0 || reg[i] >= 2 && reg[i] <= 4 || reg[i] == 8;
                case Insn.DR -> reg[i] < 8;
                default -> true;
            };
            if (!exists) {
                return false;
            }
            vvvvUsed |= row.code[i] == 'B' || row.code[i] == 'F';
        }
        return vvvvUsed && (!row.vsib || gatherable());
    }

    /** A gather has a SIB byte, and its destination, index and mask are three registers. */
    private boolean gatherable() { return asz != 2 && (modrm & 7) == 4 && reg[0] != imm2 && reg[0] != reg[2] && imm2 != reg[2]; }

    private int bytes(int code) {
        return switch (code) {
            case 'b' -> 1;
            case 'w' -> 2;
            case 'd' -> 4;
            case 'q' -> 8;
            case 'x' -> 16 << width();
            case 'o' -> 16;
            case 'k' -> 8 << width();
            case 'm' -> 4 << width();
            case 'l' -> 2 << width();
            case 't' -> 10;
            case 'v', 's' -> code == 'v' ? osz : mode == Insn.MODE_64 ? 10 : 6;
            case 'z' -> Math.min(osz, 4);
            case 'y' -> osz == 8 ? 8 : 4;
            case 'h' -> mode == Insn.MODE_64 ? 8 : 4;
            case 'p' -> osz + 2;
            case 'a' -> 2 * osz;
            default -> 0;
        };
    }

    /** 1 for the 256-bit form. */
    private int width() { return row.vex ? vexL : 0; }

    private void operand(int i, int letter) {
        switch (letter) {
            case 'E', 'M', 'R', 'H' -> rm(i, Insn.GPR);
            case 'G' -> general(i, modrm >> 3 & 7 | rex << 1 & 8);
            case 'Z' -> general(i, opcode & 7 | rex << 3 & 8);
            case 'B' -> general(i, vvvv);
            case 'F' -> set(i, Insn.XMM, vvvv);
            case 'L' -> set(i, Insn.XMM, fetch8() >> 4 & (mode == Insn.MODE_64 ? 15 : 7));
            case 'I' -> immediate(i);
            case 'K' -> { kind[i] = Insn.IMM2; imm2 = fetch8(); }
            case 'i' -> { kind[i] = Insn.IMM; imm = 1; }
            case 'J' -> { kind[i] = Insn.REL; imm = fetchSigned(osize[i]); osize[i] = osz; }
            case 'A' -> { kind[i] = Insn.FAR; imm = fetchSigned(osz) & (osz == 2 ? 0xffffL : 0xffff_ffffL); imm2 = (int) fetchSigned(2) & 0xffff; }
            case 'O' -> { kind[i] = Insn.MEM; mem = i; disp = asz == 8 ? fetchSigned(8) : fetchSigned(asz) & (asz == 4 ? 0xffff_ffffL : 0xffffL); }
            case 'W', 'U' -> rm(i, Insn.XMM);
            case 'V' -> set(i, Insn.XMM, modrm >> 3 & 7 | rex << 1 & 8);
            case 'Q', 'N' -> rm(i, Insn.MMX);
            case 'P' -> set(i, Insn.MMX, modrm >> 3 & 7);
            case 'T' -> set(i, Insn.ST, modrm & 7);
            case 't' -> set(i, Insn.ST, 0);
            case 'x' -> set(i, Insn.XMM, 0);
            case 'S' -> set(i, Insn.SEG, modrm >> 3 & 7);
            case 'C' -> set(i, Insn.CR, modrm >> 3 & 7 | rex << 1 & 8);
            case 'D' -> set(i, Insn.DR, modrm >> 3 & 7 | rex << 1 & 8);
            case 'X' -> set(i, Insn.SRC_RSI, VcpuContext.RSI);
            case 'Y' -> set(i, Insn.DST_RDI, VcpuContext.RDI);
            case '0', '1', '2' -> set(i, Insn.GPR, letter - '0');
            default -> set(i, Insn.SEG, letter - 'a');
        }
    }

    private void set(int i, int k, int r) {
        kind[i] = k;
        reg[i] = r;
    }

    private void general(int i, int r) {
        if (osize[i] == 1 && rex == 0 && r >= 4 && !vex) {
            set(i, Insn.GPR_HIGH, r - 4);
        } else {
            set(i, Insn.GPR, r);
        }
    }

    private void rm(int i, int registerKind) {
        if (modrm < 0xc0 && !row.anyMod) {
            kind[i] = Insn.MEM;
            mem = i;
        } else if (registerKind == Insn.GPR) {
            general(i, modrm & 7 | rex << 3 & 8);
        } else {
            set(i, registerKind, registerKind == Insn.MMX ? modrm & 7 : modrm & 7 | rex << 3 & 8);
        }
    }

    private void immediate(int i) {
        kind[i] = Insn.IMM;
        switch (row.sizeCode[i]) {
            case 'b' -> imm = fetch8();
            case 's' -> { imm = (byte) fetch8(); osize[i] = osz; }
            case 'w' -> imm = fetchSigned(2) & 0xffff;
            case 'z' -> { imm = fetchSigned(Math.min(osz, 4)); osize[i] = osz; }
            default -> imm = fetchSigned(osz);
        }
    }

    private void address() {
        if (asz == 2) {
            address16();
            return;
        }
        int mod = modrm >> 6, rm = modrm & 7;
        if (rm == 4) {
            int sib = fetch8();
            scale = sib >> 6;
            index = sib >> 3 & 7 | rex << 2 & 8;
            if (row != null && row.vsib) {
                imm2 = index;
                index = -1;
            } else if (index == 4) {
                index = -1;
                scale = 0;
            }
            rm = sib & 7;
            if (mod == 0 && rm == 5) {
                disp = fetchSigned(4);
            } else {
                base = rm | rex << 3 & 8;
            }
        } else if (mod == 0 && rm == 5) {
            disp = fetchSigned(4);
            ripRelative = mode == Insn.MODE_64;
        } else {
            base = rm | rex << 3 & 8;
        }
        if (mod != 0) {
            disp = mod == 1 ? (byte) fetch8() : fetchSigned(4);
        }
        if (override < 0 && (base == VcpuContext.RSP || base == VcpuContext.RBP)) {
            seg = VcpuContext.SS;
        }
    }

    private void address16() {
        int mod = modrm >> 6, rm = modrm & 7;
        switch (rm) {
            case 0, 1, 7 -> base = VcpuContext.RBX;
            case 2, 3 -> base = VcpuContext.RBP;
            case 4 -> base = VcpuContext.RSI;
            case 5 -> base = VcpuContext.RDI;
            default -> base = mod == 0 ? -1 : VcpuContext.RBP;
        }
        if (rm < 4) {
            index = (rm & 1) == 0 ? VcpuContext.RSI : VcpuContext.RDI;
        }
        disp = mod == 1 ? (byte) fetch8() : mod == 2 || base < 0 ? fetchSigned(2) : 0;
        if (override < 0 && base == VcpuContext.RBP) {
            seg = VcpuContext.SS;
        }
    }
}
