package xen.hw.x86smp.decode;

import java.util.function.Consumer;
import xen.kernel.api.hw.PrivilegedOp;

/** Parses one line of the instruction table into a {@link Row}; the syntax is {@link InstructionTable}'s. Used once, at class load. */
final class RowParser {
    final String text;
    Opcode op;
    int map = Row.ONE_BYTE, opcode = -1, prefix = Row.ANY, digit = -1, rm = -1, mod, w = -1, vexL = -1, b = -1, only, sizeDefault = Row.D32;
    boolean plusReg, modrm, anyMod, vex, in64 = true, in32 = true, lockable, terminates, noFault = true, string, vsib;
    String[] operand = {};
    byte[] code = {}, sizeCode = {};
    int flagsRead, flagsWritten, flagsUndefined, flagsMaybe;
    PrivilegedOp privileged;
    String feature = "";

    RowParser(String line) {
        text = line.strip();
        int bar = line.indexOf('|'), bar2 = line.indexOf('|', bar + 1);
        words(line, 0, bar, this::encoding);
        if (opcode < 0) {
            throw new IllegalStateException("no opcode in: " + text);
        }
        operands(line.substring(bar + 1, bar2).strip());
        words(line, bar2 + 1, line.length(), this::attribute);
        if (opcode >= 0xd8 && opcode <= 0xdf && map == Row.ONE_BYTE) {
            noFault = false;
        }
    }

    /** The row of an instruction that has none. */
    static Row pseudo(Opcode op) {
        RowParser p = new RowParser("0f 0b | " + op + " | term fault");
        return new Row(p);
    }

    /** Blank-separated words; by hand, because a regular expression would cost half of the class's start time. */
    private static void words(String line, int from, int to, Consumer<String> consumer) {
        for (int i = from; i < to; ) {
            if (line.charAt(i) == ' ') {
                i++;
                continue;
            }
            int end = i;
            while (end < to && line.charAt(end) != ' ') {
                end++;
            }
            consumer.accept(line.substring(i, end));
            i = end;
        }
    }

    private void encoding(String t) {
        switch (t) {
            case "np" -> prefix = Row.NP;
            case "nr" -> prefix = Row.NR;
            case "vex" -> vex = true;
            case "w0" -> w = 0;
            case "w1" -> w = 1;
            case "l0" -> vexL = 0;
            case "l1" -> vexL = 1;
            case "rexb0" -> b = 0;
            case "o16" -> only = 2;
            case "o32" -> only = 4;
            case "o64" -> only = 8;
            case "reg" -> mod = 1;
            case "mem" -> mod = 2;
            case "anymod" -> anyMod = true;
            case "+r" -> plusReg = true;
            case "/r" -> modrm = true;
            default -> encodingByte(t);
        }
    }

    private void encodingByte(String t) {
        if (t.startsWith("/")) {
            modrm = true;
            digit = t.charAt(1) - '0';
        } else if (t.startsWith("rm")) {
            rm = t.charAt(2) - '0';
        } else {
            int v = Integer.parseInt(t, 16);
            if (opcode < 0 && prefix == Row.ANY && (v == 0x66 || v == 0xf2 || v == 0xf3)) {
                prefix = v;
            } else if (v == 0x0f && opcode < 0 && map == Row.ONE_BYTE) {
                map = Row.MAP_0F;
            } else if (v == 0x38 && map == Row.MAP_0F && opcode < 0) {
                map = Row.MAP_0F38;
            } else if (v == 0x3a && map == Row.MAP_0F && opcode < 0) {
                map = Row.MAP_0F3A;
            } else {
                opcode = v;
            }
        }
    }

    private void operands(String s) {
        int space = s.indexOf(' ');
        op = Opcode.valueOf(space < 0 ? s : s.substring(0, space));
        if (space < 0) {
            return;
        }
        operand = s.substring(space + 1).strip().split(",");
        code = new byte[operand.length];
        sizeCode = new byte[operand.length];
        for (int i = 0; i < operand.length; i++) {
            String o = operand[i];
            switch (o) {
                case "AL" -> set(i, '0', 'b');
                case "CL" -> set(i, '1', 'b');
                case "AX" -> set(i, '0', 'w');
                case "DX" -> set(i, '2', 'w');
                case "rAX" -> set(i, '0', 'v');
                case "eAX" -> set(i, '0', 'z');
                case "1" -> set(i, 'i', 'b');
                case "ST0" -> set(i, 't', 't');
                case "XMM0" -> set(i, 'x', 'x');
                case "ES", "CS", "SS", "DS", "FS", "GS" -> set(i, (char) ('a' + "ES CS SS DS FS GS".indexOf(o) / 3), 'w');
                default -> set(i, o.charAt(0), o.charAt(1));
            }
        }
    }

    private void set(int i, char letter, char size) {
        code[i] = (byte) letter;
        sizeCode[i] = (byte) size;
        if (!anyMod) {
            switch (letter) {
                case 'M' -> mod = 2;
                case 'R', 'U', 'N', 'T' -> mod = 1;
                default -> { }
            }
        }
        if ("VWUPQNFL".indexOf(letter) >= 0) {
            noFault = false;
        }
    }

    private void attribute(String t) {
        switch (t) {
            case "lock" -> lockable = true;
            case "term" -> terminates = true;
            case "fault" -> noFault = false;
            case "str" -> string = true;
            case "vsib" -> vsib = true;
            case "d64" -> sizeDefault = Row.D64;
            case "f64" -> sizeDefault = Row.F64;
            case "i64" -> in64 = false;
            case "o64" -> in32 = false;
            default -> {
                int colon = t.indexOf(':');
                if (t.startsWith("priv=")) {
                    privileged = PrivilegedOp.valueOf(t.substring(5));
                } else if (t.startsWith("f=")) {
                    feature = t.substring(2);
                } else if (colon == 1) {
                    flags(t.charAt(0), t.substring(2));
                } else {
                    throw new IllegalStateException("attribute " + t + " in: " + text);
                }
            }
        }
    }

    private void flags(char what, String letters) {
        int mask = 0;
        for (int i = 0; i < letters.length(); i++) {
            mask |= switch (letters.charAt(i)) {
                case 'O' -> Row.OF;
                case 'S' -> Row.SF;
                case 'Z' -> Row.ZF;
                case 'A' -> Row.AF;
                case 'P' -> Row.PF;
                case 'C' -> Row.CF;
                case 'D' -> Row.DF;
                default -> throw new IllegalStateException("flag " + letters + " in: " + text);
            };
        }
        switch (what) {
            case 'r' -> flagsRead = mask;
            case 'w' -> flagsWritten = mask;
            case 'u' -> flagsUndefined = mask;
            case 'm' -> flagsMaybe = mask;
            default -> throw new IllegalStateException("attribute in: " + text);
        }
    }
}
