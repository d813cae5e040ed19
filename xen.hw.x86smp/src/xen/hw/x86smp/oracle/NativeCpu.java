package xen.hw.x86smp.oracle;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * Runs cases on the host's own CPU: the oracle that an engine is compared with.
 *
 * <p>Owns one child process ({@link SiliconServer} says why a process) and the memory shared with
 * it. Both the program and the memory are memfds made through the foreign-function API, so that
 * nothing depends on a writable or executable temporary folder. Used by one thread; a batch of
 * {@link #BATCH} cases costs two pipe writes.
 */
final class NativeCpu implements AutoCloseable {
    /** Cases of one batch. */
    public static final int BATCH = 256;

    private static final long RF = 0x1_0000;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment shared;
    private final Process server;

    private NativeCpu() throws IOException {
        try {
            long pid = ProcessHandle.current().pid();
            int size = Slot.SLOTS_AT + BATCH * Slot.SIZE;
            int memory = memfd("silicon-memory", new byte[0]);
            String memoryPath = "/proc/" + pid + "/fd/" + memory;
            try (FileChannel ch = FileChannel.open(Path.of(memoryPath), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                shared = ch.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
            }
            shared.asSlice(Slot.CODE_AT, Sandbox.CODE_SIZE).fill((byte) 0xCC);
            int program = memfd("silicon-server", SiliconServer.image(size, HostCpu.AVX));
            server = new ProcessBuilder("/proc/" + pid + "/fd/" + program, memoryPath)
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            await();
            close(memory);
            close(program);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Why cases cannot run on this host, or null when they can. */
    public static String unavailable() {
        String arch = System.getProperty("os.arch");
        if (!System.getProperty("os.name").equals("Linux") || !(arch.equals("amd64") || arch.equals("x86_64"))) {
            return "host is not x86-64 Linux";
        }
        try (NativeCpu cpu = new NativeCpu()) {
            return null;
        } catch (IOException e) {
            return "host does not run the silicon server: " + e.getMessage();
        }
    }

    /** @throws IOException with the reason, where the host refuses */
    public static NativeCpu open() throws IOException {
        return new NativeCpu();
    }

    /** Runs {@code count} cases, at most {@link #BATCH}, and fills as many outcomes. */
    public void run(CpuCase[] cases, Outcome[] outcomes, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            put(cases[i], slot(i));
        }
        byte[] n = new byte[8];
        MemorySegment.ofArray(n).set(LONG, 0, count);
        server.getOutputStream().write(n);
        server.getOutputStream().flush();
        await();
        for (int i = 0; i < count; i++) {
            get(slot(i), outcomes[i]);
        }
    }

    /** One case; for tests and reproducers. */
    public Outcome run(CpuCase c) throws IOException {
        Outcome[] o = {new Outcome()};
        run(new CpuCase[] {c}, o, 1);
        return o[0];
    }

    private MemorySegment slot(int i) {
        return shared.asSlice(Slot.SLOTS_AT + (long) i * Slot.SIZE, Slot.SIZE);
    }

    private static void put(CpuCase c, MemorySegment s) {
        CpuState in = c.start();
        for (int i = 0; i < 16; i++) {
            s.set(LONG, Slot.IN + 8 * i, in.gpr[Slot.GPR_ORDER[i]]);
        }
        s.set(LONG, Slot.IN + Slot.RIP, in.rip);
        s.set(LONG, Slot.IN + Slot.FLAGS, in.rflags);
        s.set(LONG, Slot.IN + Slot.CS, c.compat() ? Sandbox.CS_32 : Sandbox.CS_64);
        s.set(LONG, Slot.IN + Slot.WINDOW_OFFSET, c.windowAddress() - Sandbox.CODE);
        MemorySegment.copy(in.fx, 0, s, JAVA_BYTE, Slot.IN + Slot.FX, CpuState.FXSAVE);
        MemorySegment.copy(in.fx, CpuState.YMM_HIGH0, s, JAVA_BYTE, Slot.IN + Slot.YMM_HIGH, 256);
        MemorySegment.copy(c.window(), 0, s, JAVA_BYTE, Slot.WINDOW, Sandbox.WINDOW_SIZE);
        MemorySegment.copy(c.data(), 0, s, JAVA_BYTE, Slot.DATA_IN, Sandbox.DATA_SIZE);
    }

    private static void get(MemorySegment s, Outcome o) {
        CpuState out = o.state;
        for (int i = 0; i < 16; i++) {
            out.gpr[Slot.GPR_ORDER[i]] = s.get(LONG, Slot.OUT + 8 * i);
        }
        // the kernel sees RF set after a fault; the program never does
        out.rflags = s.get(LONG, Slot.OUT + Slot.FLAGS) & ~RF;
        int signal = (int) s.get(LONG, Slot.OUT + Slot.SIGNAL);
        out.rip = signal == 0 ? 0 : s.get(LONG, Slot.OUT + Slot.RIP);
        o.vector = switch (signal) {
            case 0 -> Outcome.EXIT;
            case SiliconServer.SIGNAL_SYS -> Outcome.SYSCALL;
            case SiliconServer.SIGNAL_TIMER -> Outcome.TIMEOUT;
            default -> (int) s.get(LONG, Slot.OUT + Slot.TRAP);
        };
        o.error = o.vector >= 0 ? s.get(LONG, Slot.OUT + Slot.ERROR) : 0;
        o.cr2 = o.vector == 14 ? s.get(LONG, Slot.OUT + Slot.CR2) : 0;
        MemorySegment.copy(s, JAVA_BYTE, Slot.OUT + Slot.FX, out.fx, 0, CpuState.FXSAVE);
        MemorySegment.copy(s, JAVA_BYTE, Slot.OUT + Slot.YMM_HIGH, out.fx, CpuState.YMM_HIGH0, 256);
        MemorySegment.copy(s, JAVA_BYTE, Slot.DATA_OUT, o.data, 0, Sandbox.DATA_SIZE);
    }

    private void await() throws IOException {
        if (server.getInputStream().readNBytes(8).length != 8) {
            server.destroyForcibly();
            try {
                server.waitFor(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("silicon server ended with status " + (server.isAlive() ? "?" : server.exitValue()));
        }
    }

    @Override
    public void close() {
        server.destroyForcibly();
        arena.close();
    }

    /** A memory file with this content; stays open until closed, and is inherited by nobody. */
    private static int memfd(String name, byte[] content) throws IOException {
        try (Arena a = Arena.ofConfined()) {
            int fd = (int) function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT))
                    .invoke(a.allocateFrom(name), 0);
            if (fd < 0) {
                throw new IOException("memfd_create failed");
            }
            MemorySegment bytes = a.allocateFrom(JAVA_BYTE, content);
            long n = content.length == 0 ? 0 : (long) function("write",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG)).invoke(fd, bytes, (long) content.length);
            if (n != content.length) {
                throw new IOException("write to memfd failed");
            }
            return fd;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(int fd) {
        try {
            int ignored = (int) function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invoke(fd);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static java.lang.invoke.MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
}
