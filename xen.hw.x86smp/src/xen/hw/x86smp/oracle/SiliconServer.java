package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.CpuState.RAX;
import static xen.hw.x86smp.oracle.CpuState.RBX;
import static xen.hw.x86smp.oracle.CpuState.RCX;
import static xen.hw.x86smp.oracle.CpuState.RDI;
import static xen.hw.x86smp.oracle.CpuState.RSI;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the program that runs cases on the silicon: a static ELF of two pages, without a libc.
 *
 * <p>It is a process of its own, and not code called inside the JVM, because the cases fault, and
 * a fault's exact vector, error code and CR2 are part of the comparison: they come from a signal
 * handler. Signals in a JVM are HotSpot's own; and a wild store of a case must not reach its heap.
 *
 * <p>Protocol: {@code argv[1]} names the shared memory ({@link Slot}). The server writes eight
 * bytes when it is ready; then for each batch it reads the number of cases (8 bytes) from
 * standard input, runs them, and writes eight bytes to standard output. End of file ends it. A
 * failed set-up ends it with the number of the step as status.
 *
 * <p>Guards: a seccomp filter turns a system call from anywhere but the server's own page into
 * SIGSYS; a timer of the process's own CPU time ends a case that loops; every case is entered by
 * IRETQ, which serialises after the code was written and can select compatibility mode.
 */
final class SiliconServer {
    /** Its own memory is out of reach of a case's displacements and 32-bit addresses. */
    private static final long TEXT = 0x4B4B_0000_0000L, CODE_START = TEXT + 0x100;
    private static final long BSS = TEXT + 0x10_0000;
    /** Where cases end, and where Linux enters and leaves the signal handler. */
    private static final long LEAVE = TEXT + 0xA00, HANDLER = TEXT + 0xC00, RESTORER = TEXT + 0xE00;
    private static final int BSS_SIZE = 0x20000;
    private static final long IN = BSS, OUT = BSS + 0x400, TICKS = BSS + 0x800, SLOT = BSS + 0x808,
            LEFT = BSS + 0x810, IO = BSS + 0x818, STACK_TOP = BSS + 0x8000, ALT_STACK = BSS + 0x10000;
    private static final int ALT_STACK_SIZE = 0x10000;

    /** Where the shared memory appears in the server. */
    private static final long SHARED = 0x4B4B_4000_0000L;

    private static final int PAGE = 0x1000;
    private static final int SIGNAL_ILL = 4, SIGNAL_TRAP = 5, SIGNAL_BUS = 7, SIGNAL_FPE = 8, SIGNAL_SEGV = 11;
    static final int SIGNAL_TIMER = 26, SIGNAL_SYS = 31;
    private static final int[] SIGNALS = {SIGNAL_ILL, SIGNAL_TRAP, SIGNAL_BUS, SIGNAL_FPE, SIGNAL_SEGV,
            SIGNAL_TIMER, SIGNAL_SYS};

    /** SA_SIGINFO, SA_ONSTACK, SA_RESTORER, SA_NODEFER, SA_RESTART. */
    private static final long SA_FLAGS = 0x5C00_0004L;
    private static final int READ = 1, WRITE = 2, EXECUTE = 4;
    /** MAP_SHARED, MAP_FIXED, and MAP_POPULATE: page faults have to see present pages. */
    private static final int SHARED_FIXED = 0x8011;

    private final Asm a = new Asm(CODE_START);
    private final int sharedSize;
    /** The host has YMM registers: they are part of a case. */
    private final boolean avx;
    private int step;

    private SiliconServer(int sharedSize, boolean avx) {
        this.sharedSize = sharedSize;
        this.avx = avx;
    }

    /** The ELF image for a shared memory of this size. */
    static byte[] image(int sharedSize, boolean avx) {
        return new SiliconServer(sharedSize, avx).build();
    }

    private byte[] build() {
        constants();
        a.label("start");
        mapMemory();
        signals();
        seal();
        loop();
        runCase();
        handler();
        return elf(a.bytes(), a.address("start"));
    }

    /** Structures that system calls take by address. */
    private void constants() {
        a.jump("E9", "constantsEnd");
        a.label("altStack").imm64(ALT_STACK).imm32(0).imm32(0).imm32(ALT_STACK_SIZE).imm32(0);
        // ITIMER_VIRTUAL: first after 5 ms of own CPU time, then each 5 ms
        a.label("timer").imm32(0).imm32(0).imm32(5000).imm32(0).imm32(0).imm32(0).imm32(5000).imm32(0);
        a.label("filter");
        a.hex("20 00 00 00").imm32(12);                          // A = instruction pointer, high half
        a.hex("15 00 00 03").imm32(TEXT >>> 32);                 // not the server's: trap
        a.hex("20 00 00 00").imm32(8);                           // A = low half
        a.hex("54 00 00 00").imm32(0xFFFF_F000);                 // A &= page
        a.hex("15 00 01 00").imm32(TEXT);                        // the server's: skip the trap
        a.hex("06 00 00 00").imm32(0x0003_0000);                 // SECCOMP_RET_TRAP
        a.hex("06 00 00 00").imm32(0x7FFF_0000);                 // SECCOMP_RET_ALLOW
        a.label("program").imm32(7).imm32(0).imm64(a.address("filter"));
        a.label("constantsEnd");
    }

    private void mapMemory() {
        a.hex("48 8B 7C 24 10");                                 // rdi = argv[1]
        a.syscall(2, -1, 2);                                     // open(path, O_RDWR)
        check();
        a.hex("49 89 C4");                                       // r12 = fd
        map(SHARED, sharedSize, READ | WRITE, 0);
        map(Sandbox.CODE, Sandbox.CODE_SIZE, READ | EXECUTE, Slot.CODE_AT);
        map(Sandbox.DATA, Sandbox.DATA_SIZE, READ | WRITE, Slot.DATA_AT);
        map(Sandbox.READ_ONLY, Sandbox.READ_ONLY_SIZE, READ, Slot.READ_ONLY_AT);
    }

    private void map(long address, int size, int prot, int at) {
        a.hex("4D 89 E0");                                       // r8 = fd
        a.syscall(9, address, size, prot, SHARED_FIXED, -1, at);
        check();
    }

    /** A negative result ends the server with the number of the step as status. */
    private void check() {
        a.mov(RDI, ++step).hex("48 85 C0").jump("0F 88", "fail");
    }

    private void signals() {
        a.syscall(131, a.address("altStack"), 0);
        check();
        // the kernel's struct sigaction, built where a case's input will be: handler, flags, restorer, mask
        a.mov(RAX, HANDLER).store(IN, RAX);
        a.mov(RAX, SA_FLAGS).store(IN + 8, RAX);
        a.mov(RAX, RESTORER).store(IN + 16, RAX);
        for (int signal : SIGNALS) {
            a.syscall(13, signal, IN, 0, 8);
            check();
        }
        a.syscall(38, 1, a.address("timer"), 0);                 // setitimer(ITIMER_VIRTUAL)
        check();
    }

    private void seal() {
        a.syscall(158, 0x1002, Sandbox.FS_BASE);                 // arch_prctl(ARCH_SET_FS)
        check();
        a.syscall(158, 0x1001, Sandbox.GS_BASE);
        check();
        a.hex("B8 2B 00 00 00 8E D8 8E C0");                     // ds = es = user data, for compatibility mode
        a.syscall(157, 38, 1, 0, 0, 0);                          // prctl(PR_SET_NO_NEW_PRIVS)
        check();
        a.syscall(157, 22, 2, a.address("program"), 0, 0);       // prctl(PR_SET_SECCOMP, FILTER)
        check();
        a.jump("E9", "report");
        a.label("fail").mov(RAX, 60).hex("0F 05");
    }

    private void loop() {
        a.label("report");
        a.syscall(1, 1, IO, 8);
        a.syscall(0, 0, IO, 8);
        a.hex("48 83 F8 08").mov(RDI, 0).jump("0F 85", "fail");
        a.load(RAX, IO).store(LEFT, RAX);
        a.mov(RBX, SHARED + Slot.SLOTS_AT).store(SLOT, RBX);
        a.jump("E9", "next");

        a.label("done");
        a.mov(4, STACK_TOP).hex("6A 02 9D");                     // own stack, clean flags
        a.load(RBX, SLOT);
        a.mov(RSI, OUT).hex("48 8D BB").imm32(Slot.OUT).copy(Slot.STATE_SIZE);
        a.mov(RSI, Sandbox.DATA).hex("48 8D BB").imm32(Slot.DATA_OUT).copy(Sandbox.DATA_SIZE);
        a.mov(RDI, SHARED + Slot.CODE_AT).absolute(0x03, RDI, IN + Slot.WINDOW_OFFSET);
        a.mov(RCX, Sandbox.WINDOW_SIZE).hex("B0 CC F3 AA");      // the window back to INT3
        a.hex("48 81 C3").imm32(Slot.SIZE).store(SLOT, RBX);
        a.absolute(0xFF, 1, LEFT).jump("0F 84", "report");       // dec
    }

    private void runCase() {
        a.label("next");
        a.load(RBX, SLOT);
        a.hex("48 89 DE").mov(RDI, IN).copy(Slot.STATE_SIZE);
        a.hex("48 8D B3").imm32(Slot.WINDOW);
        a.mov(RDI, SHARED + Slot.CODE_AT).absolute(0x03, RDI, IN + Slot.WINDOW_OFFSET).copy(Sandbox.WINDOW_SIZE);
        a.hex("48 8D B3").imm32(Slot.DATA_IN).mov(RDI, Sandbox.DATA).copy(Sandbox.DATA_SIZE);
        a.mov(RAX, 0).store(TICKS, RAX).store(OUT + Slot.SIGNAL, RAX);
        a.absolute(0x0FAE, 1, IN + Slot.FX);                     // fxrstor64
        upperHalves(true, IN);
        a.hex("6A 2B");                                          // frame for iretq: ss, rsp, flags, cs, rip
        for (int at : new int[] {Slot.RSP, Slot.FLAGS, Slot.CS, Slot.RIP}) {
            a.load(RAX, IN + at).hex("50");
        }
        for (int i = 0; i < 15; i++) {
            a.load(Slot.GPR_ORDER[i], IN + 8 * i);
        }
        a.hex("48 CF");

        a.org(LEAVE);
        a.store(OUT + Slot.RSP, 4).mov(4, STACK_TOP);
        for (int i = 0; i < 15; i++) {
            a.store(OUT + 8 * i, Slot.GPR_ORDER[i]);
        }
        a.hex("9C 58").store(OUT + Slot.FLAGS, RAX);
        a.absolute(0x0FAE, 0, OUT + Slot.FX);                    // fxsave64
        upperHalves(false, OUT);
        a.jump("E9", "done");
    }

    /** The page that cases jump to: on to {@link #LEAVE}, from compatibility mode through 64-bit mode. */
    private static byte[] exits() {
        return new Asm(Sandbox.EXITS).org(Sandbox.EXIT_64).hex("FF 25 0A 00 00 00")
                // aligned: the case may have set AC
                .org(Sandbox.EXIT_64 + 16).imm64(LEAVE)
                .org(Sandbox.EXIT_32).hex("EA").imm32(Sandbox.EXIT_64).hex("33 00").bytes();
    }

    /** VINSERTF128 or VEXTRACTF128 of all registers; relative to the base in RBX, because the forms relative to RIP have an immediate behind. */
    private void upperHalves(boolean load, long block) {
        if (!avx) {
            return;
        }
        a.mov(RBX, block + Slot.YMM_HIGH);
        for (int i = 0; i < 16; i++) {
            int r = i < 8 ? 0x80 : 0, vvvv = load ? ~i & 15 : 15;
            a.hex("C4 %02X %02X %02X %02X".formatted(r | 0x63, vvvv << 3 | 5, load ? 0x18 : 0x19, 0x83 | (i & 7) << 3)).imm32(16 * i).hex("01");
        }
    }

    private void handler() {
        a.org(HANDLER);                          // (rdi signal, rsi siginfo, rdx ucontext)
        a.hex("83 FF 1A").jump("0F 84", "tick");
        a.label("record");
        a.store(OUT + Slot.SIGNAL, RDI);
        a.hex("48 89 D3");                                       // rbx = ucontext; its registers are at 40
        a.hex("48 8D 72 28").mov(RDI, OUT).copy(Slot.BLOCK);
        a.hex("48 8B B3").imm32(40 + Slot.BLOCK).mov(RDI, OUT + Slot.FX).copy(512);
        if (avx) {
            // the frame has XSAVE's layout; component 2 is there unless it is in its initial state, all zero
            a.hex("48 8B B3").imm32(40 + Slot.BLOCK).hex("F6 86").imm32(512).hex("04").hex("48 8D B6").imm32(576).mov(RDI, OUT + Slot.YMM_HIGH);
            a.jump("0F 85", "upper").mov(RCX, 32).mov(RAX, 0).hex("F3 48 AB").jump("E9", "done");
            a.label("upper").copy(256);
        }
        a.jump("E9", "done");

        a.label("tick");                                         // the third tick in one case is too late
        a.absolute(0xFF, 0, TICKS).load(RAX, TICKS).hex("48 83 F8 03").jump("0F 82", "return");
        a.hex("48 8B 82").imm32(40 + Slot.RIP).hex("48 2D").imm32(Sandbox.CODE);
        a.hex("48 3D").imm32(Sandbox.CODE_SIZE).jump("0F 82", "record");
        a.label("return").hex("C3");

        a.org(RESTORER);                          // restorer
        a.syscall(15);
    }

    /** Three segments: a page of code, zeroed memory, the page of exits. */
    private static byte[] elf(byte[] code, long entry) {
        byte[] exits = exits();
        int size = (int) (CODE_START - TEXT) + code.length;
        ByteBuffer b = ByteBuffer.allocate(PAGE + exits.length).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x464C_457F).putInt(0x0001_0102).putLong(0);
        b.putShort((short) 2).putShort((short) 62).putInt(1);
        b.putLong(entry).putLong(64).putLong(0).putInt(0);
        b.putShort((short) 64).putShort((short) 56).putShort((short) 3);
        b.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(b, 4 | 1, 0, TEXT, size, size);
        segment(b, 4 | 2, 0, BSS, 0, BSS_SIZE);
        segment(b, 4 | 1, PAGE, Sandbox.EXITS, exits.length, exits.length);
        b.position((int) (CODE_START - TEXT)).put(code);
        b.position(PAGE).put(exits);
        return b.array();
    }

    private static void segment(ByteBuffer b, int flags, long at, long address, long fileSize, long size) {
        b.putInt(1).putInt(flags).putLong(at).putLong(address).putLong(address).putLong(fileSize).putLong(size)
                .putLong(0x1000);
    }
}
