package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.TestCore;
import xen.kernel.save.Capture;
import xen.kernel.save.Restoration;

/** An image of a domain becomes the same domain, and one that was tampered with becomes none, or one that holds only what is its own. */
class SavedDomainTest {
    private static final int PAGES = 48, GDT = 20, INFO = 21, USER_L4 = 22, PINNED_L1 = 23;

    private final TestCore t = new TestCore(2 << 20, new Topology(1, 2, 1));
    private PvGuest a, b;
    private DomainImage image;
    private final List<byte[]> contents = new ArrayList<>();

    @BeforeEach void twoGuests() {
        MmHypercalls.register(t.core.hypercalls, t.core);
        b = new PvGuest(t, 2, 16, 16);
        b.memory().sharedInfoMfn();
        a = new PvGuest(t, 1, PAGES, 60);
        DomainImpl d = a.domain;
        d.memory.sharedInfoMfn();
        d.grants.seedGrant(0, a.mfn[PvGuest.PLAIN]);
        d.events.allocUnbound(0);
        d.events.bindIpi(1);
        d.events.bindVirq(0, 0);
        // frames without a mapping of their own can get other roles
        for (int p : new int[] {GDT, USER_L4, PINNED_L1}) {
            assertThat(t.core.frames.tables.modify((int) a.mfn[PvGuest.L1], 1, p, a.entry(p, 5), false, d.memory)).isZero();
        }
        a.put(USER_L4, 0, a.entry(PvGuest.L3, 7));
        a.put(PINNED_L1, 3, a.entry(PvGuest.PLAIN, 5));
        assertThat(t.core.frames.pin(a.mfn[PINNED_L1], d.memory.owner, 1)).isZero();
        assertThat(d.memory.setRoot(a.vcpu, a.mfn[USER_L4], true)).isTrue();
        assertThat(d.vcpu(1).descriptors.setGdt(new long[] {a.mfn[GDT]}, 512)).isZero();
        assertThat(d.vcpu(1).info.register(a.mfn[INFO], 64)).isZero();
        a.vcpu.context.rip(0x1234);
        a.vcpu.context.gpr(7, 0x7777);
        d.counters.add("test");
        d.state(DomainState.RUNNING);
        d.pauses(0);
        Capture.run(t.core, d, i -> {
            image = i;
            for (long mfn : i.mfns()) {
                byte[] page = new byte[4096];
                Raw.get(t.core.memory.address(mfn), page, 0, 4096);
                contents.add(page);
            }
        });
    }

    private DomainImpl restore(DomainImage i, List<byte[]> pages) {
        DomainImpl d = new DomainImpl(t.core, 1, a.domain.config);
        Restoration r;
        try {
            r = new Restoration(d, i, () -> t.destroy(d));
        } catch (RuntimeException e) {
            d.memory.releaseAll();
            throw e;
        }
        long[] mfns = r.mfns();
        for (int f = 0; f < mfns.length; f++) {
            Raw.put(t.core.memory.address(mfns[f]), pages.get(f), 0, 4096);
        }
        r.complete();
        return d;
    }

    private void audit(DomainImpl restored) {
        List<DomainMemory> all = new ArrayList<>(List.of(b.memory()));
        if (restored != null) {
            all.add(restored.memory);
        }
        FrameAudit.check(t.core.frames, all, extra -> {
            for (DomainMemory m : all) {
                m.domain.vcpus().forEach(v -> {
                    long at = v.info.address();
                    int mfn = t.core.memory.mfnOf(at);
                    if (t.core.memory.valid(mfn) && mfn != m.sharedInfoMfn()) {
                        extra.use(mfn, FrameTable.WRITABLE);
                    }
                });
            }
        });
    }

    private String types(DomainMemory d) {
        StringBuilder s = new StringBuilder();
        for (int mfn = 0; mfn < t.core.memory.frames; mfn++) {
            if (t.core.frames.owner(mfn) == d.owner && t.core.frames.typeCount(mfn) > 0) {
                s.append(mfn).append(':').append(t.core.frames.type(mfn)).append('*').append(t.core.frames.typeCount(mfn))
                        .append(t.core.frames.pinned(mfn) ? "p " : " ");
            }
        }
        return s.toString();
    }

    @Test void aRestoredDomainHasTheSameFramesTypesCountsAndState() {
        String before = types(a.memory());
        long free = t.core.frames.free();
        t.destroy(a.domain);
        DomainImpl d = restore(image, contents);
        assertThat(types(d.memory)).isEqualTo(before);
        assertThat(t.core.frames.free()).isEqualTo(free);
        audit(d);
        VcpuContext c = d.vcpu(0).context;
        assertThat(c.rip()).isEqualTo(0x1234);
        assertThat(c.gpr(7)).isEqualTo(0x7777);
        assertThat(c.get64(VcpuContext.KERNEL_ROOT)).isEqualTo(a.mfn[PvGuest.L4]);
        assertThat(c.get64(VcpuContext.USER_ROOT)).isEqualTo(a.mfn[USER_L4]);
        assertThat(d.counters().get("test")).isEqualTo(1);
        assertThat(d.events.bindVirq(0, 0)).as("the VIRQ is bound already").isNegative();
        assertThat(d.vcpu(1).info.address()).isEqualTo(t.core.memory.address(a.mfn[INFO]) + 64);
        assertThat(d.grants.mapGrant(0, 0, false).address()).isEqualTo(t.core.memory.address(a.mfn[PvGuest.PLAIN]));
        t.destroy(d);
        audit(null);
        assertThat(d.memory.gone()).isTrue();
    }

    @Test void framesThatAreInUseAreNamedUnlessTheGuestWasIdle() {
        DomainImage busy = new DomainImage(image.domid(), image.vcpus(), image.sharedInfo(), image.mfns(), image.pfns(), image.kinds(), false, image.state());
        assertThatThrownBy(() -> restore(busy, contents)).isInstanceOf(HypervisorException.class).hasMessageContaining("in use by domain 1")
                .hasMessageContaining("0x" + Long.toHexString(image.mfns()[0])).hasMessageContaining("save it again when it is idle");
        audit(a.domain);
    }

    @Test void aTableOfAnotherDomainsFramesIsRefused() {
        t.destroy(a.domain);
        int l1 = java.util.Arrays.binarySearch(image.mfns(), a.mfn[PvGuest.L1]);
        byte[] page = contents.get(l1).clone();
        for (int i = 0; i < 8; i++) {
            page[40 * 8 + i] = (byte) ((b.mfn[12] << 12 | 7) >>> 8 * i);
        }
        contents.set(l1, page);
        assertThatThrownBy(() -> restore(image, contents)).isInstanceOf(HypervisorException.class).hasMessageContaining("does not hold one");
        audit(null);
    }

    @Test void aWritableMappingOfAPageTableIsRefused() {
        t.destroy(a.domain);
        int l1 = java.util.Arrays.binarySearch(image.mfns(), a.mfn[PvGuest.L1]);
        byte[] page = contents.get(l1).clone();
        page[PvGuest.L2 * 8] |= 2;
        contents.set(l1, page);
        assertThatThrownBy(() -> restore(image, contents)).isInstanceOf(HypervisorException.class);
        audit(null);
    }

    /** Whatever is changed in an image: it is refused as a whole and leaves nothing, or every reference is accounted for. */
    @Test void imagesThatWereTamperedWithNeverHoldWhatIsNotTheirs() {
        t.destroy(a.domain);
        long free = t.core.frames.free();
        int refused = 0, made = 0;
        for (int seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            DomainImage bad = tampered(random);
            List<byte[]> pages = new ArrayList<>(contents);
            for (int n = random.nextInt(3); n > 0; n--) {
                int f = random.nextInt(pages.size());
                byte[] page = pages.get(f).clone();
                page[random.nextInt(64) * 8 + random.nextInt(3)] = (byte) random.nextInt();
                pages.set(f, page);
            }
            DomainImpl d = null;
            try {
                d = restore(bad, pages);
                made++;
            } catch (HypervisorException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                fail("seed " + seed, e);
            }
            audit(d);
            if (d != null) {
                t.destroy(d);
            }
            assertThat(t.core.frames.free()).as("frames after seed %d", seed).isEqualTo(free);
        }
        assertThat(refused).isGreaterThan(100);
        assertThat(made).isGreaterThan(100);
    }

    private DomainImage tampered(Random random) {
        long[] mfns = image.mfns().clone(), pfns = image.pfns().clone();
        byte[] kinds = image.kinds().clone(), state = image.state().clone();
        for (int n = random.nextInt(4); n > 0; n--) {
            int f = random.nextInt(kinds.length);
            switch (random.nextInt(6)) {
                case 0 -> kinds[f] = (byte) random.nextInt();
                case 1 -> kinds[f] ^= (byte) (1 << random.nextInt(6));
                case 2 -> mfns[f] += random.nextInt(5) - 2;
                case 3 -> state = java.util.Arrays.copyOf(state, random.nextInt(state.length));
                default -> {
                    for (int i = 0; i < 3; i++) {
                        // most of the state is trap tables: the places that matter get their share
                        int at = random.nextBoolean() || state.length < 600 ? random.nextInt(Math.max(1, state.length)) : random.nextInt(600);
                        if (at < state.length) {
                            state[at] = (byte) random.nextInt();
                        }
                    }
                }
            }
        }
        return new DomainImage(image.domid(), image.vcpus(), image.sharedInfo(), mfns, pfns, kinds, random.nextBoolean(), state);
    }
}
