package xen.toolstack.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import xen.kernel.api.control.TraceSink;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.VcpuContext;
import xen.toolstack.api.ToolstackException;

/** Writes trace records as lines of text: retired instructions, domain.vcpu, then the event. */
final class TraceFile implements TraceSink, AutoCloseable {
    private final PrintWriter out;
    private final boolean exits;
    private final boolean hypercalls;

    TraceFile(Path file, List<String> kinds) {
        exits = kinds.contains("exits");
        hypercalls = kinds.contains("hypercalls");
        try {
            out = new PrintWriter(Files.newBufferedWriter(file));
        } catch (IOException e) {
            throw new ToolstackException(file + ": cannot write the trace: " + e, e);
        }
    }

    @Override public void exit(Vcpu v, int exit) {
        if (!exits) {
            return;
        }
        VcpuContext c = v.context();
        synchronized (out) {
            head(v, c);
            out.append(" exit ").append(Exit.NAMES[exit]).append(" rip ").append(Long.toHexString(c.rip())).append(c.userMode() ? " user" : " kernel");
            switch (exit) {
                case Exit.EXCEPTION -> out.append(" vector ").append(Integer.toString(c.get32(VcpuContext.EXIT_VECTOR))).append(" error ")
                        .append(Integer.toHexString(c.get32(VcpuContext.EXIT_ERROR))).append(" cr2 ")
                        .append(Long.toHexString(c.get64(VcpuContext.EXIT_CR2)));
                case Exit.SYSCALL -> out.append(" rax ").append(Long.toString(c.gpr(VcpuContext.RAX)));
                case Exit.PRIVILEGED -> out.append(" op ").append(Integer.toString(c.get32(VcpuContext.EXIT_OP)));
                default -> { /* the name says it */ }
            }
            out.append('\n');
        }
    }

    @Override public void hypercall(Vcpu v, int number, long a0, long a1, long a2, long result) {
        if (!hypercalls) {
            return;
        }
        synchronized (out) {
            head(v, v.context());
            out.append(" hypercall ").append(Integer.toString(number)).append(" (").append(Long.toHexString(a0)).append(", ")
                    .append(Long.toHexString(a1)).append(", ").append(Long.toHexString(a2)).append(") = ").append(Long.toString(result)).append('\n');
        }
    }

    private void head(Vcpu v, VcpuContext c) {
        out.append(Long.toString(c.retired())).append(' ').append(Integer.toString(v.domain().id())).append('.').append(Integer.toString(v.id()));
    }

    @Override public void close() {
        synchronized (out) {
            out.close();
        }
    }
}
