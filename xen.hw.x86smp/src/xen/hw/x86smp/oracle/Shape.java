package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.RawInsn.MAP_38;
import static xen.hw.x86smp.oracle.RawInsn.MAP_3A;
import static xen.hw.x86smp.oracle.RawInsn.ONE;
import static xen.hw.x86smp.oracle.RawInsn.TWO;
import static xen.hw.x86smp.oracle.RawInsn.VEX_0F;
import static xen.hw.x86smp.oracle.RawInsn.VEX_38;
import static xen.hw.x86smp.oracle.RawInsn.VEX_3A;

import java.util.ArrayList;
import java.util.List;

/**
 * What the sweep enumerates: an opcode with the fields that select its meaning. Everything else
 * (registers, addresses, immediates, other prefixes, values) is drawn at random.
 *
 * @param rep 0, F2 or F3
 * @param opsize 66
 * @param rexW operand size 8 bytes
 * @param reg ModRM.reg where it extends the opcode; {@link #ANY} where it is a register; -1 without ModRM
 * @param memory memory form, where there is a ModRM
 */
record Shape(boolean compat, int map, int opcode, int rep, boolean opsize, boolean rexW, int reg, boolean memory) {

    /** ModRM.reg is drawn at random. */
    static final int ANY = -2;

    private static final int[] REPS = {0, 0xF2, 0xF3};

    /** All shapes of a mode whose cases are safe and repeatable, whether the CPU knows them or not. */
    static List<Shape> all(boolean compat) {
        return every(compat).stream().filter(s -> !Exclusions.excludes(s)).toList();
    }

    /** Those that {@link Exclusions} keeps away from silicon. */
    static List<Shape> excluded(boolean compat) {
        return every(compat).stream().filter(Exclusions::excludes).toList();
    }

    private static List<Shape> every(boolean compat) {
        List<Shape> shapes = new ArrayList<>();
        for (int map : new int[] {ONE, TWO, MAP_38, MAP_3A}) {
            for (int opcode = 0; opcode < 256; opcode++) {
                addOpcode(shapes, compat, map, opcode);
            }
        }
        for (int map : new int[] {VEX_38, VEX_3A, VEX_0F}) {
            for (int opcode = 0; opcode < 256; opcode++) {
                addOpcode(shapes, compat, map, opcode);
            }
        }
        return shapes;
    }

    private static void addOpcode(List<Shape> shapes, boolean compat, int map, int opcode) {
        boolean modrm = Encoding.hasModrm(map, opcode);
        for (int variant = 0; variant < 12; variant++) {
            boolean w = (variant & 1) != 0, opsize = (variant & 2) != 0;
            // one of the four implied prefixes
            boolean two = map >= VEX_38 && opsize && REPS[variant >> 2] != 0;
            if (compat && w && map < VEX_38 || two) {
                continue;
            }
            boolean group = Encoding.isGroup(map, opcode);
            int first = group ? 0 : modrm ? ANY : -1;
            for (int reg = first; reg <= (group ? 7 : first); reg++) {
                for (int m = 0; m < (modrm ? 2 : 1); m++) {
                    shapes.add(new Shape(compat, map, opcode, REPS[variant >> 2], opsize, w, reg, m == 1));
                }
            }
        }
    }

    boolean vex() {
        return map >= VEX_38;
    }

    /** Number of the map without VEX. */
    int legacyMap() {
        return switch (map) {
            case VEX_38 -> MAP_38;
            case VEX_3A -> MAP_3A;
            case VEX_0F -> TWO;
            default -> map;
        };
    }

    @Override
    public String toString() {
        String[] maps = {"", "0f", "0f38", "0f3a", "vex.0f38.", "vex.0f3a.", "vex.0f."};
        return (rep == 0 ? "" : Integer.toHexString(rep)) + (opsize ? "66" : "") + (rexW ? "w." : "") + maps[map]
                + "%02x".formatted(opcode) + (reg == -1 ? "" : "/" + (reg < 0 ? "" : reg) + (memory ? "m" : "r")) + (compat ? " compat" : "");
    }
}
