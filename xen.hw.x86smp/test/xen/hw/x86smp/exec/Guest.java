package xen.hw.x86smp.exec;

import java.util.HexFormat;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.SoloDriver;
import xen.kernel.api.hw.VcpuContext;

/**
 * A bare guest for tests: 16 MiB of memory, mapped one to one with 2 MiB pages, except the 2 MiB at {@link #SMALL}, which have 4 KiB pages.
 * Code starts at {@link #CODE}; a program ends with SYSCALL, which is appended.
 */
final class Guest implements AutoCloseable {
    static final long CODE = 0x40_0000, STACK = 0x60_0000, DATA = 0x70_0000, SMALL = 0x80_0000;
    private static final long RIGHTS = 0x67;
    private static final int L4 = 1, L3 = 2, L2 = 3, L1 = 4;

    final MachineMemory memory = new MachineMemory(16 << 20);
    final CodeCache code = new CodeCache(memory);
    final VcpuContext vcpu = new VcpuContext();
    final InterpreterCpu cpu;
    /** Raw descriptors by selector &gt;&gt; 3. */
    final long[] descriptors = new long[16];

    Guest() {
        Raw.zero(memory.base, memory.bytes());
        entry(L4, 0, (long) L3 << 12 | RIGHTS);
        entry(L3, 0, (long) L2 << 12 | RIGHTS);
        for (int i = 0; i < 8; i++) {
            entry(L2, i, (long) i << 21 | 0x80 | RIGHTS);
        }
        entry(L2, (int) (SMALL >> 21), (long) L1 << 12 | RIGHTS);
        for (int i = 0; i < 512; i++) {
            entry(L1, i, SMALL + ((long) i << 12) | RIGHTS);
        }
        vcpu.put64(VcpuContext.KERNEL_ROOT, L4);
        vcpu.gpr(VcpuContext.RSP, STACK);
        cpu = new InterpreterCpu(0, memory, code, new SoloDriver() {
            @Override public long tsc(VcpuContext v, long retiredInRun) { return v.retired() + retiredInRun; }

            @Override public long descriptor(VcpuContext v, int selector) { return descriptors[selector >> 3 & 15]; }
        }, 1);
    }

    private void entry(int table, int i, long v) { Raw.put64(memory.address(table) + 8L * i, v); }

    /** Changes the rights of the small page that holds {@code va}; 0 unmaps it. */
    Guest map(long va, long rights) {
        entry(L1, (int) (va - SMALL >> 12), rights == 0 ? 0 : va & -4096L | rights);
        cpu.flushAll();
        return this;
    }

    long host(long va) { return memory.base + va; }

    Guest poke(long va, String hex) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        Raw.put(host(va), b, 0, b.length);
        cpu.contentChanged((int) (va >> 12));
        return this;
    }

    Guest set(int register, long v) {
        vcpu.gpr(register, v);
        return this;
    }

    Guest flags(long v) {
        vcpu.flags(v);
        return this;
    }

    /** Runs the bytes and a SYSCALL; returns the exit. */
    int run(String hex) { return at(CODE, hex + "0f05", 100_000); }

    /** Runs bytes placed at {@code va}. */
    int at(long va, String hex, long budget) {
        poke(va, hex);
        vcpu.rip(va);
        return cpu.run(vcpu, budget);
    }

    /** Runs to the SYSCALL or complains. */
    Guest ok(String hex) {
        int exit = run(hex);
        if (exit != Exit.SYSCALL) {
            throw new AssertionError("exit " + Exit.NAMES[exit] + " vector " + vector() + " at " + Long.toHexString(vcpu.rip()));
        }
        return this;
    }

    long reg(int r) { return vcpu.gpr(r); }

    int vector() { return vcpu.get32(VcpuContext.EXIT_VECTOR); }

    /** Arithmetic flags and DF as letters, in the order of the manual. */
    String flags() {
        long f = vcpu.flags();
        String letters = "CPAZSDO";
        int[] bits = {0, 2, 4, 6, 7, 10, 11};
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < bits.length; i++) {
            if ((f >> bits[i] & 1) != 0) {
                s.append(letters.charAt(i));
            }
        }
        return s.toString();
    }

    @Override public void close() {
        cpu.free();
        vcpu.close();
        memory.close();
    }
}
