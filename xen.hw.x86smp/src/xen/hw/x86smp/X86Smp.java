package xen.hw.x86smp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import xen.hw.x86smp.decode.Decoder;
import xen.hw.x86smp.decode.Disassembler;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.Engine;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;

/**
 * The x86-64 SMP machine: tier 0 inside, faster engines as they come and go. Everything it holds is a cache of the core's memory and
 * contexts. Any thread; boards are told of engines with their CPUs stopped.
 */
public final class X86Smp implements Machine {
    /** Executions of a block in tier 0 until better ops are worth their making. */
    private static final int WARM = 24;

    private final int warm;
    private final Map<String, Engine> engines = new TreeMap<>();
    private final List<SmpBoard> boards = new ArrayList<>();

    public X86Smp() { this(WARM); }

    /** @param warm executions of a block until it gets better ops: 1 = at once, so that tests reach them */
    public X86Smp(int warm) { this.warm = warm; }

    @Override public String name() { return "x86smp"; }

    @Override public Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        SmpBoard board = new SmpBoard(memory, topology, callbacks, this, warm);
        synchronized (this) {
            boards.add(board);
        }
        return board;
    }

    @Override public Listing disassemble(byte[] code, long rip, boolean longMode) {
        Raw.Area area = Raw.allocate(16);
        try {
            int n = Math.min(code.length, 15);
            Raw.put(area.address(), code, 0, n);
            Insn i = new Decoder().decode(area.address(), n, longMode ? Insn.MODE_64 : Insn.MODE_32);
            return i == null ? new Listing("", 0) : new Listing(Disassembler.text(i, rip), i.length);
        } finally {
            area.free();
        }
    }

    /** An engine came. */
    public void add(Engine engine) {
        synchronized (this) {
            engines.put(engine.name(), engine);
        }
        reselect();
    }

    /** An engine goes; when this returns no CPU is in its code. */
    public void remove(Engine engine) {
        synchronized (this) {
            engines.remove(engine.name(), engine);
        }
        reselect();
    }

    private void reselect() {
        List<SmpBoard> all;
        synchronized (this) {
            all = List.copyOf(boards);
        }
        all.forEach(SmpBoard::reselectQuiesced);
    }

    synchronized Map<String, Engine> engines() { return new TreeMap<>(engines); }

    synchronized void closed(SmpBoard board) { boards.remove(board); }
}
