package xen.hw.x86smp.exec;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import xen.hw.x86smp.decode.Decoder;
import xen.hw.x86smp.decode.Insn;
import xen.kernel.api.hw.Raw;

/** Decodes basic blocks for one CPU. */
final class BlockBuilder {
    private static final int MAX_INSTRUCTIONS = 48;
    private static final int LONGEST = 15;

    private final CodeCache code;
    private final int warm;
    private final Decoder decoder = new Decoder();
    private final OpFactory factory = new OpFactory();
    private final Raw.Area stitch = Raw.allocate(MAX_INSTRUCTIONS * LONGEST);

    BlockBuilder(CodeCache code, int warm) {
        this.code = code;
        this.warm = warm;
    }

    /**
     * @param host host address of the first byte, in frame {@code mfn}
     * @param known a block found there whose instruction crosses into another page, or null: valid only if that page is still the same
     */
    Block build(InterpreterCpu cpu, long host, int mfn, long va, Block known) {
        if (known != null) {
            int second = cpu.memory.mfnOf(cpu.hostExecute((va & -4096L) + 4096));
            if (second == known.crossFrame) {
                return known;
            }
            return crossing(cpu, host, mfn, va, false);
        }
        int off = (int) va & 4095;
        if (cpu.tierOne != null && cpu.longMode && !cpu.concurrent) {
            Block b = cpu.tierOne.known(host, mfn, off);
            if (b != null) {
                return b;
            }
        }
        List<Insn> insns = new ArrayList<>();
        int at = off;
        long from = host;
        if (cpu.concurrent) {
            // other CPUs may be storing there: what is decoded and what is compared later must be the same bytes
            from = stitch.address();
            Raw.copy(host, from, Math.min(4096 - off, MAX_INSTRUCTIONS * LONGEST));
        }
        while (insns.size() < MAX_INSTRUCTIONS && at < 4096) {
            Insn i = decoder.decode(from + at - off, 4096 - at, mode(cpu));
            if (i == null) {
                break;
            }
            insns.add(i);
            at += i.length;
            if (i.terminates()) {
                break;
            }
        }
        if (insns.isEmpty()) {
            return crossing(cpu, host, mfn, va, true);
        }
        Block b = finish(insns, mfn, off, at - off, 0, cpu, !cpu.concurrent);
        if (cpu.concurrent) {
            byte[] bytes = new byte[b.bytes];
            Raw.get(from, bytes, 0, bytes.length);
            code.addFresh(mfn, b, host, bytes);
        }
        return b;
    }

    /** One instruction that runs into the next page. */
    private Block crossing(InterpreterCpu cpu, long host, int mfn, long va, boolean cache) {
        int first = 4096 - ((int) va & 4095);
        long second = cpu.hostExecute(va + first);
        Raw.copy(host, stitch.address(), first);
        Raw.copy(second, stitch.address() + first, LONGEST);
        Insn i = decoder.decode(stitch.address(), first + LONGEST, mode(cpu));
        return finish(List.of(i), mfn, (int) va & 4095, i.length, second, cpu, cache);
    }

    /** Decodes a block that an engine ran so far without. Its bytes are the same: it is valid, or was until this very instruction. */
    void decode(Block b) {
        Insn[] insns = new Insn[b.count];
        long at = b.host(), end = at + b.bytes;
        for (int k = 0; k < insns.length; k++) {
            insns[k] = decoder.decode(at, (int) (end - at), Insn.MODE_64);
            at += insns[k].length;
        }
        b.decoded(insns, factory.plain(insns, b.off), warm);
    }

    /** The block is executed often: better ops. Most blocks never are, or an engine takes them over. */
    void warm(Block b) {
        Op[] ops = factory.fuse(b);
        // other CPUs run the block meanwhile
        VarHandle.releaseFence();
        b.ops = ops;
    }

    private static int mode(InterpreterCpu cpu) { return cpu.longMode ? Insn.MODE_64 : Insn.MODE_32; }

    /** @param second host address of the second page, 0 = none */
    private Block finish(List<Insn> insns, int mfn, int off, int bytes, long second, InterpreterCpu cpu, boolean cache) {
        boolean longMode = cpu.longMode;
        Insn[] all = insns.toArray(new Insn[0]);
        Op[] plain = factory.plain(all, off);
        Block b = new Block(all, plain, off, bytes, second == 0 ? -1 : cpu.memory.mfnOf(second), longMode, second, warm);
        if (cache) {
            code.add(mfn, b);
        }
        return b;
    }
}
