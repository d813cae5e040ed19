package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;

/** Recounts every reference from what is there (tables, pins, roots, descriptor tables) and compares with the frame table. */
final class FrameAudit {
    private final FrameTable frames;
    private final int[] refs;
    private final int[][] types;

    private FrameAudit(FrameTable frames) {
        this.frames = frames;
        refs = new int[frames.memory.frames];
        types = new int[8][frames.memory.frames];
    }

    static void check(FrameTable frames, List<DomainMemory> domains) { check(frames, domains, audit -> {}); }

    static void check(FrameTable frames, List<DomainMemory> domains, java.util.function.Consumer<FrameAudit> more) {
        FrameAudit a = new FrameAudit(frames);
        domains.forEach(a::countDomain);
        more.accept(a);
        for (int mfn = 0; mfn < frames.memory.frames; mfn++) {
            a.countFrame(mfn);
        }
        for (int mfn = 0; mfn < frames.memory.frames; mfn++) {
            a.compare(mfn);
        }
        for (DomainMemory d : domains) {
            long owned = 0;
            for (int mfn = 0; mfn < frames.memory.frames; mfn++) {
                owned += frames.owner(mfn) == d.owner && !frames.special(mfn) ? 1 : 0;
            }
            assertThat(d.pages()).as("pages of owner %d", d.owner).isEqualTo(owned);
        }
    }

    void use(int mfn, int type) {
        refs[mfn]++;
        if (type != FrameTable.NONE) {
            types[type][mfn]++;
        }
    }

    private void countDomain(DomainMemory d) {
        for (VcpuImpl v : d.domain.vcpus()) {
            for (int field : new int[] {VcpuContext.KERNEL_ROOT, VcpuContext.USER_ROOT}) {
                if (v.context.get64(field) != 0) {
                    use((int) v.context.get64(field), FrameTable.L4);
                }
            }
            v.descriptors.heldFrames().forEach(mfn -> use(mfn, FrameTable.SEGDESC));
        }
    }

    private void countFrame(int mfn) {
        if (frames.allocated(mfn)) {
            use(mfn, FrameTable.NONE);
            if (frames.special(mfn)) {
                use(mfn, FrameTable.WRITABLE);
            }
        }
        if (frames.pinned(mfn)) {
            use(mfn, frames.type(mfn));
        }
        int level = frames.type(mfn);
        if (level < 1 || level > 4 || frames.typeCount(mfn) == 0) {
            return;
        }
        assertThat(frames.validated(mfn)).as("table %d is validated", mfn).isTrue();
        for (int i = 0; i < 512; i++) {
            long e = Raw.get64(frames.memory.address(mfn) + i * 8L);
            if (!PageTables.guestSlot(level, i)) {
                assertThat(e).as("hypervisor slot %d of %d", i, mfn).isEqualTo(i == 256 ? frames.m2p.l4Entry() : 0);
            } else if (Pte.present(e)) {
                assertThat(e & Pte.USER).as("entry %x of table %d is a user entry", e, mfn).isNotZero();
                use((int) Pte.mfn(e), level > 1 ? level - 1 : (e & Pte.RW) != 0 ? FrameTable.WRITABLE : FrameTable.NONE);
            }
        }
    }

    private void compare(int mfn) {
        if (frames.owner(mfn) == FrameTable.HYPERVISOR) {
            assertThat(refs[mfn]).as("nobody refers to hypervisor frame %d", mfn).isZero();
            return;
        }
        assertThat(frames.refs(mfn)).as("references of frame %d", mfn).isEqualTo(refs[mfn]);
        for (int type = 1; type < 8; type++) {
            assertThat(frames.type(mfn) == type ? frames.typeCount(mfn) : 0).as("uses of frame %d as type %d", mfn, type)
                    .isEqualTo(types[type][mfn]);
        }
        assertThat(frames.owner(mfn) == FrameTable.FREE).as("frame %d is free exactly without references", mfn).isEqualTo(refs[mfn] == 0);
    }
}
