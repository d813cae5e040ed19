package xen.hw.x86smp;

/**
 * What the machine's CPUs answer to CPUID (SDM vol. 2, CPUID): the same on every host and exactly what the interpreter implements.
 * Vendor and family are those of a small out-of-order core of the 16h family: no vendor quirk of a guest applies to it.
 */
final class CpuidTable {
    private static final int FPU = 1, TSC = 1 << 4, MSR = 1 << 5, PAE = 1 << 6, CX8 = 1 << 8, APIC = 1 << 9, PGE = 1 << 13, CMOV = 1 << 15,
            PAT = 1 << 16, CLFSH = 1 << 19, MMX = 1 << 23, FXSR = 1 << 24, SSE = 1 << 25, SSE2 = 1 << 26, HTT = 1 << 28, PSE = 1 << 3;
    private static final int SSE3 = 1, PCLMUL = 1 << 1, SSSE3 = 1 << 9, CX16 = 1 << 13, SSE41 = 1 << 19, SSE42 = 1 << 20, MOVBE = 1 << 22,
            POPCNT = 1 << 23, AES = 1 << 25, XSAVE = 1 << 26, AVX = 1 << 28, FMA = 1 << 12, F16C = 1 << 29;
    private static final int FSGSBASE = 1, BMI1 = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8, ERMS = 1 << 9, ADX = 1 << 19, SHA = 1 << 29;
    private static final int LAHF = 1, ABM = 1 << 5, SYSCALL = 1 << 11, NX = 1 << 20, PAGE1G = 1 << 26, RDTSCP = 1 << 27, LM = 1 << 29;
    private static final int COMMON = FPU | PSE | TSC | MSR | PAE | CX8 | CMOV | PAT | MMX | FXSR;
    private static final String BRAND = "x86smp virtual machine CPU";

    private CpuidTable() {}

    static int[] answer(int leaf, int subleaf) {
        return switch (leaf) {
            case 0 -> vendor(0xd);
            case 1 -> new int[] {0x0073_0f01, 8 << 8, SSE3 | PCLMUL | SSSE3 | CX16 | SSE41 | SSE42 | MOVBE | POPCNT | AES | XSAVE | AVX | FMA | F16C,
                COMMON | APIC | PGE | CLFSH | SSE | SSE2 | HTT};
            case 7 -> subleaf == 0 ? new int[] {0, FSGSBASE | BMI1 | AVX2 | BMI2 | ERMS | ADX | SHA, 0, 0} : new int[4];
            case 0xd -> xsave(subleaf);
            case 0x8000_0000 -> vendor(0x8000_0008);
            case 0x8000_0001 -> new int[] {0x0073_0f01, 0, LAHF | ABM, COMMON | APIC | PGE | SYSCALL | NX | PAGE1G | RDTSCP | LM};
            case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> brand(leaf - 0x8000_0002);
            case 0x8000_0005 -> new int[] {0xff20_ff20, 0xff20_ff20, 0x2008_0140, 0x2008_0140};
            case 0x8000_0006 -> new int[] {0, 0x4200_4200, 0x0800_8140, 0};
            case 0x8000_0007 -> new int[] {0, 0, 0, 1 << 8};
            case 0x8000_0008 -> new int[] {0x3028, 0, 0, 0};
            default -> new int[4];
        };
    }

    /** x87, SSE and AVX; EBX of subleaf 0 is for all of them enabled. */
    private static int[] xsave(int subleaf) {
        return switch (subleaf) {
            case 0 -> new int[] {7, 832, 832, 0};
            case 2 -> new int[] {256, 576, 0, 0};
            default -> new int[4];
        };
    }

    private static int[] vendor(int max) { return new int[] {max, word("AuthenticAMD", 0), word("AuthenticAMD", 8), word("AuthenticAMD", 4)}; }

    private static int[] brand(int part) {
        int[] r = new int[4];
        for (int i = 0; i < 4; i++) {
            r[i] = word(BRAND, part * 16 + i * 4);
        }
        return r;
    }

    private static int word(String s, int at) {
        int v = 0;
        for (int i = 0; i < 4 && at + i < s.length(); i++) {
            v |= s.charAt(at + i) << 8 * i;
        }
        return v;
    }
}
