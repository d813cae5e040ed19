package xen.kernel.core;

import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;

/** Reads a guest's page tables from outside, without the CPU and without a trace in them: for reports and debuggers. */
public final class GuestWalk {
    private static final long FRAME = 0x000f_ffff_ffff_f000L;

    private GuestWalk() {}

    /** Host address of {@code va} under page table {@code root}, or -1. */
    public static long host(MachineMemory m, long root, long va) {
        long table = root;
        for (int level = 4; level >= 1; level--) {
            if (table == 0 || !m.valid(table)) {
                return -1;
            }
            long e = entry(m, table, level, va);
            if ((e & 1) == 0) {
                return -1;
            }
            table = (e & FRAME) >>> 12;
            if (level == 2 && (e & 0x80) != 0) {
                table = table & -512 | va >>> 12 & 511;
                level = 1;
            }
        }
        return m.valid(table) ? m.address(table) + (va & 4095) : -1;
    }

    /** One line a level, down to where the walk ends. */
    public static String describe(MachineMemory m, long root, long va) {
        StringBuilder s = new StringBuilder("Page-table walk of %016x from mfn %x:\n".formatted(va, root));
        long table = root;
        for (int level = 4; level >= 1; level--) {
            if (table == 0 || !m.valid(table)) {
                return s.append(" L%d: no such frame%n".formatted(level)).toString();
            }
            long e = entry(m, table, level, va);
            s.append(" L%d[%03x] = %016x%s\n".formatted(level, slot(level, va), e, (e & 1) == 0 ? " not present" : ""));
            if ((e & 1) == 0 || level == 2 && (e & 0x80) != 0) {
                break;
            }
            table = (e & FRAME) >>> 12;
        }
        return s.toString();
    }

    private static int slot(int level, long va) { return (int) (va >>> 12 + 9 * (level - 1)) & 511; }

    private static long entry(MachineMemory m, long table, int level, long va) { return Raw.get64(m.address(table) + 8L * slot(level, va)); }
}
