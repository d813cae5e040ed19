package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.RawInsn.MAP_38;
import static xen.hw.x86smp.oracle.RawInsn.MAP_3A;
import static xen.hw.x86smp.oracle.RawInsn.ONE;
import static xen.hw.x86smp.oracle.RawInsn.TWO;

/**
 * Which opcodes have a ModRM byte and how long their immediates are (SDM vol. 2, appendix A).
 * Deliberately not the engine's own table: a wrong length there must show as a difference.
 */
final class Encoding {
    private Encoding() {
    }

    static boolean hasModrm(int map, int opcode) {
        return switch (map) {
            case ONE -> opcode < 0x40 ? (opcode & 7) < 4
                    : switch (opcode) {
                        case 0x62, 0x63, 0x69, 0x6B, 0xC0, 0xC1, 0xC4, 0xC5, 0xC6, 0xC7, 0xF6, 0xF7, 0xFE, 0xFF -> true;
                        default -> (opcode & 0xF0) == 0x80 || (opcode & 0xFC) == 0xD0 || (opcode & 0xF8) == 0xD8;
                    };
            case TWO, RawInsn.VEX_0F -> switch (opcode) {
                case 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0E, 0x77, 0xA0, 0xA1, 0xA2, 0xA8, 0xA9,
                        0xAA -> false;
                default -> !(opcode >= 0x30 && opcode < 0x38 || (opcode & 0xF0) == 0x80 || (opcode & 0xF8) == 0xC8);
            };
            default -> true;
        };
    }

    /** Does ModRM.reg select the instruction? */
    static boolean isGroup(int map, int opcode) {
        return switch (map) {
            case ONE -> switch (opcode) {
                case 0x80, 0x81, 0x82, 0x83, 0x8F, 0xC0, 0xC1, 0xC6, 0xC7, 0xF6, 0xF7, 0xFE, 0xFF -> true;
                default -> (opcode & 0xFC) == 0xD0 || (opcode & 0xF8) == 0xD8;
            };
            case RawInsn.VEX_0F -> opcode >= 0x71 && opcode <= 0x73 || opcode == 0xAE;
            case TWO -> switch (opcode) {
                case 0x00, 0x01, 0x0D, 0x18, 0x71, 0x72, 0x73, 0xAE, 0xBA, 0xC7 -> true;
                default -> false;
            };
            case RawInsn.VEX_38 -> opcode == 0xF3;
            default -> false;
        };
    }

    /** Bytes of immediate, displacement of a branch, or absolute address behind ModRM. */
    static int immediate(RawInsn i) {
        int z = i.opsize && !i.rexW() ? 2 : 4;
        return switch (i.map) {
            case ONE -> one(i, z);
            case TWO, RawInsn.VEX_0F -> switch (i.opcode) {
                case 0x70, 0x71, 0x72, 0x73, 0xA4, 0xAC, 0xBA, 0xC2, 0xC4, 0xC5, 0xC6 -> 1;
                default -> (i.opcode & 0xF0) == 0x80 && i.map == TWO ? 4 : 0;
            };
            case MAP_38, RawInsn.VEX_38 -> 0;
            case MAP_3A, RawInsn.VEX_3A -> 1;
            default -> throw new IllegalStateException("map " + i.map);
        };
    }

    private static int one(RawInsn i, int z) {
        int op = i.opcode;
        if (op < 0x40) {
            return (op & 7) == 4 ? 1 : (op & 7) == 5 ? z : 0;
        }
        return switch (op) {
            case 0x6A, 0x6B, 0x80, 0x82, 0x83, 0xA8, 0xC0, 0xC1, 0xC6, 0xCD, 0xD4, 0xD5, 0xEB -> 1;
            case 0x68, 0x69, 0x81, 0xA9, 0xC7 -> z;
            case 0xE8, 0xE9 -> 4;
            case 0xC2, 0xCA -> 2;
            case 0x9A, 0xEA -> z + 2;
            case 0xC8 -> 3;
            case 0xA0, 0xA1, 0xA2, 0xA3 -> i.compat ? i.addr32 ? 2 : 4 : i.addr32 ? 4 : 8;
            case 0xF6 -> i.reg < 2 ? 1 : 0;
            case 0xF7 -> i.reg < 2 ? z : 0;
            default -> switch (op & 0xF8) {
                case 0x70, 0x78, 0xB0, 0xE0 -> 1;
                case 0xB8 -> i.rexW() ? 8 : z;
                default -> 0;
            };
        };
    }
}
