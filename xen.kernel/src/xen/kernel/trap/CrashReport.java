package xen.kernel.trap;

import xen.kernel.api.control.SymbolSource;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.GuestWalk;
import xen.kernel.core.VcpuImpl;

/** The report of a domain's end by its own fault: why, where, registers, code, stack, and the page-table walk of what was missing. */
public final class CrashReport {
    private static final int CODE_BEFORE = 16, CODE_BYTES = 48, STACK_WORDS = 48, CALLS = 24, CALL_SCAN = 512;
    private static final String[] GPR = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8 ", "r9 ", "r10", "r11", "r12", "r13",
        "r14", "r15"};
    private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs"};

    private final VcpuImpl v;
    private final VcpuContext c;
    private final MachineMemory memory;
    private final StringBuilder s = new StringBuilder();

    private CrashReport(VcpuImpl v) {
        this.v = v;
        c = v.context;
        memory = v.domain.core.memory;
    }

    public static String of(VcpuImpl v, String why) {
        CrashReport r = new CrashReport(v);
        r.head(why);
        r.registers();
        r.code();
        r.stack();
        r.calls();
        r.walks();
        return r.s.toString();
    }

    private void head(String why) {
        int pcpu = Math.max(v.sched.pcpu(), v.lastPcpu());
        line("Domain %d (%s) vcpu#%d crashed on %s: %s", v.domain.id(), v.domain.name(), v.id(), pcpu < 0 ? "no pCPU" : "pCPU " + pcpu, why);
        line("RIP:    %04x:[<%016x>]%s", c.selector(VcpuContext.CS), c.rip(), symbol(c.rip()));
        line("RFLAGS: %016x   CONTEXT: pv guest %s   (%s)", c.flags(), c.userMode() ? "user" : "kernel", v);
    }

    private void registers() {
        for (int i = 0; i < 16; i += 4) {
            line("%s: %016x   %s: %016x   %s: %016x   %s: %016x", GPR[i], c.gpr(i), GPR[i + 1], c.gpr(i + 1), GPR[i + 2], c.gpr(i + 2),
                    GPR[i + 3], c.gpr(i + 3));
        }
        line("cr3: %016x   user cr3: %016x   cr2: %016x", c.get64(VcpuContext.KERNEL_ROOT) << 12, c.get64(VcpuContext.USER_ROOT) << 12,
                c.get64(VcpuContext.EXIT_CR2));
        line("fsb: %016x   gsb: %016x   gs of the other mode: %016x", c.get64(VcpuContext.FS_BASE), c.get64(VcpuContext.GS_BASE),
                c.get64(VcpuContext.GS_BASE_OTHER));
        StringBuilder sel = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            sel.append("%s: %04x   ".formatted(SEGMENT[i], c.selector(i)));
        }
        line("%s%s", sel, c.longMode() ? "64-bit" : "32-bit");
        line("events %s, last exception %s error %x, kernel stack %016x, instructions %d", v.info.masked() ? "masked" : "unmasked",
                Vectors.name(c.get32(VcpuContext.EXIT_VECTOR)), c.get32(VcpuContext.EXIT_ERROR), v.traps.kernelSp, c.get64(VcpuContext.RETIRED));
    }

    private void code() {
        s.append("Code:");
        for (long a = c.rip() - CODE_BEFORE; a != c.rip() - CODE_BEFORE + CODE_BYTES; a++) {
            long host = host(a);
            String b = host == -1 ? "??" : "%02x".formatted(Raw.get8(host));
            s.append(' ').append(a == c.rip() ? "<" + b + ">" : b);
        }
        s.append('\n');
    }

    private void stack() {
        long sp = c.gpr(VcpuContext.RSP) & -8;
        line("Guest stack trace from rsp=%016x:", c.gpr(VcpuContext.RSP));
        for (int i = 0; i < STACK_WORDS; i++) {
            long host = host(sp + 8L * i);
            if (host == -1) {
                s.append(i % 4 == 0 ? "" : "\n");
                line("   fault reading %016x", sp + 8L * i);
                return;
            }
            s.append(i % 4 == 0 ? "  " : "").append(" %016x".formatted(Raw.get64(host))).append(i % 4 == 3 ? "\n" : "");
        }
    }

    /** Words of the stack that the guest kernel's symbols know. */
    private void calls() {
        if (v.domain.symbols() == null) {
            return;
        }
        line("Call trace:");
        line(" [<%016x>]%s", c.rip(), symbol(c.rip()));
        long sp = c.gpr(VcpuContext.RSP) & -8;
        for (int i = 0, found = 0; i < CALL_SCAN && found < CALLS; i++) {
            long host = host(sp + 8L * i);
            if (host == -1) {
                return;
            }
            String name = symbol(Raw.get64(host));
            if (!name.isEmpty()) {
                line(" [<%016x>]%s", Raw.get64(host), name);
                found++;
            }
        }
    }

    private void walks() {
        long root = c.root();
        if (c.get32(VcpuContext.EXIT_VECTOR) == Vectors.PF) {
            s.append(GuestWalk.describe(memory, root, c.get64(VcpuContext.EXIT_CR2)));
        }
        if (host(c.rip()) == -1) {
            s.append(GuestWalk.describe(memory, root, c.rip()));
        }
        long sp = (c.userMode() ? v.traps.kernelSp : c.gpr(VcpuContext.RSP)) - 8;
        if (GuestWalk.host(memory, c.get64(VcpuContext.KERNEL_ROOT), sp) == -1) {
            s.append(GuestWalk.describe(memory, c.get64(VcpuContext.KERNEL_ROOT), sp));
        }
    }

    private long host(long va) { return GuestWalk.host(memory, c.root(), va); }

    private String symbol(long va) {
        SymbolSource names = v.domain.symbols();
        if (names == null) {
            return "";
        }
        try {
            return names.name(va).map(n -> " " + n).orElse("");
        } catch (RuntimeException e) {
            // a report must not fail for the sake of a name
            return "";
        }
    }

    private void line(String format, Object... args) { s.append(format.formatted(args)).append('\n'); }
}
