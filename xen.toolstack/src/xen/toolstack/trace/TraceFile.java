package xen.toolstack.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import xen.kernel.api.control.TraceSink;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.VcpuContext;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.Tracer;

/**
 * One trace file. A line is: instructions that the vCPU has retired, domain.vcpu, the event. Called on the pCPUs' threads, which this
 * object's lock keeps apart. After a write error nothing more is written; {@link #close} tells of it.
 */
public final class TraceFile implements TraceSink, AutoCloseable {
    private static final int BUFFER = 1 << 16, LONGEST_LINE = 1 << 10;

    private final Path file;
    private final OutputStream out;
    private final boolean exits, hypercalls, blocks;
    private final SymbolCache names;
    private final StringBuilder text = new StringBuilder(BUFFER + LONGEST_LINE);
    private final Map<VcpuContext, long[]> progress = new IdentityHashMap<>();
    private long lines;
    private IOException failure;
    private boolean closed;

    /** @throws ToolstackException when a kind is unknown or the file cannot be made */
    public TraceFile(Path file, Collection<String> kinds, SymbolCache.Source symbols) {
        check(kinds);
        this.file = file;
        exits = kinds.contains("exits");
        hypercalls = kinds.contains("hypercalls");
        blocks = kinds.contains("blocks");
        names = new SymbolCache(symbols);
        try {
            out = Files.newOutputStream(file);
        } catch (IOException e) {
            throw new ToolstackException(file + ": cannot write the trace: " + e, e);
        }
    }

    /** Refuses unknown kinds. */
    public static void check(Collection<String> kinds) {
        for (String k : kinds) {
            if (!Tracer.KINDS.contains(k)) {
                throw new ToolstackException("--trace " + k + ": " + String.join(", ", Tracer.KINDS) + " can be traced");
            }
        }
    }

    @Override public boolean wantsBlocks() { return blocks; }

    @Override public synchronized void exit(Vcpu v, int exit) {
        if (!exits) {
            return;
        }
        VcpuContext c = v.context();
        head(v, c.retired()).append(" exit ").append(Exit.NAMES[exit]);
        place(v, c.rip());
        switch (exit) {
            case Exit.EXCEPTION -> hex(hex(text.append(" vector ").append(c.get32(VcpuContext.EXIT_VECTOR)).append(" error "),
                    c.get32(VcpuContext.EXIT_ERROR)).append(" cr2 "), c.get64(VcpuContext.EXIT_CR2));
            case Exit.SYSCALL -> text.append(" rax ").append(c.gpr(VcpuContext.RAX));
            case Exit.PRIVILEGED -> text.append(' ').append(PrivilegedOp.of(c.get32(VcpuContext.EXIT_OP)));
            default -> { /* the name says it */ }
        }
        end();
    }

    @Override public synchronized void hypercall(Vcpu v, int number, long a0, long a1, long a2, long result) {
        if (!hypercalls) {
            return;
        }
        head(v, v.context().retired()).append(" hypercall ").append(HypercallNames.of(number)).append('(');
        hex(hex(hex(text, a0).append(", "), a1).append(", "), a2).append(") = ").append(result);
        end();
    }

    @Override public synchronized void block(Vcpu v, long rip, int instructions) {
        // the context's count stands still during a run: what the run did so far is added here
        long[] p = progress.computeIfAbsent(v.context(), c -> new long[2]);
        long retired = v.context().retired();
        if (p[0] != retired) {
            p[0] = retired;
            p[1] = 0;
        }
        head(v, retired + p[1]).append(" block ").append(instructions);
        p[1] += instructions;
        place(v, rip);
        end();
    }

    private StringBuilder head(Vcpu v, long retired) {
        return text.append(retired).append(' ').append(v.domain().id()).append('.').append(v.id());
    }

    private void place(Vcpu v, long rip) {
        hex(text.append(v.context().userMode() ? " user " : " kernel "), rip);
        String name = v.context().userMode() ? "" : names.of(v.domain().id(), rip);
        if (!name.isEmpty()) {
            text.append(' ').append(name);
        }
    }

    private static StringBuilder hex(StringBuilder s, long n) {
        int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(n)) / 4);
        for (int shift = digits * 4 - 4; shift >= 0; shift -= 4) {
            s.append(Character.forDigit((int) (n >>> shift) & 15, 16));
        }
        return s;
    }

    private void end() {
        lines++;
        text.append('\n');
        if (text.length() >= BUFFER) {
            flush();
        }
    }

    private void flush() {
        try {
            if (failure == null && !closed) {
                out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            failure = e;
        }
        text.setLength(0);
    }

    public synchronized long lines() { return lines; }

    @Override public synchronized void close() {
        if (closed) {
            return;
        }
        flush();
        closed = true;
        try {
            out.close();
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
        if (failure != null) {
            throw ToolstackException.surroundings(file + ": the trace is incomplete: " + failure, failure);
        }
    }
}
