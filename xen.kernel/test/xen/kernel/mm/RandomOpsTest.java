package xen.kernel.mm;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.hw.Raw;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two guests do everything that the memory hypercalls offer, with arguments drawn from a small set so that they often collide, and
 * write what they like into frames that they may write. Every reference must be accounted for all the time.
 */
class RandomOpsTest extends MmTestBase {
    private static final int STEPS = 6000, AUDIT_EVERY = 250;
    private Random random;
    private int succeeded;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theBooksBalanceWhateverGuestsDo(long seed) {
        random = new Random(seed);
        long free = frames().free();
        a.memory().setMax(70);
        xen.kernel.sched.Placed.on(a.vcpu, 0);
        xen.kernel.sched.Placed.on(b.vcpu, 1);
        for (int i = 1; i <= STEPS; i++) {
            PvGuest g = random.nextInt(4) == 0 ? b : a;
            if (step(g, g == a ? b : a) >= 0) {
                succeeded++;
            }
            if (random.nextInt(3) == 0) {
                g.memory().markDirty(random.nextInt(2));
            }
            use(a, 0);
            use(b, 1);
            if (random.nextInt(8) == 0) {
                flush(a, 0);
                flush(b, 1);
            }
            if (i % AUDIT_EVERY == 0) {
                audit();
            }
        }
        assertThat(a.domain.counters().get("spaces.kernel-kept")).as("flushes that kept the kernel's half").isGreaterThan(50);
        assertThat(succeeded).as("operations that did something").isGreaterThan(STEPS / 5);
        a.memory().releaseAll();
        b.memory().releaseAll();
        assertThat(frames().free()).isEqualTo(free + 64 + 32);
    }

    /** The guest uses pages in both halves, whose slots are few: so that they are seen through changing tables. */
    private void use(PvGuest g, int pcpu) {
        for (int i = 0; i < 6; i++) {
            long slot4 = random.nextInt(3) == 0 ? 0 : random.nextInt(3) == 0 ? 272 + random.nextInt(8) : 9 + random.nextInt(20);
            long va = slot4 << 39;
            for (int shift = 30; shift >= 12; shift -= 9) {
                va |= (long) (random.nextInt(4) == 0 ? 0 : 9 + random.nextInt(20)) << shift;
            }
            t.cpu(pcpu).tlb.touch(g.vcpu.context, va << 16 >> 16);
        }
        t.cpu(pcpu).tlb.touch(g.vcpu.context, PvGuest.va(page()));
    }

    /** What a guest may rely on behind any flush or change of root. */
    private void flush(PvGuest g, int pcpu) {
        assertThat(random.nextBoolean() ? g.mmuExt(6, 0, 0) : g.mmuExt(5, g.mfn[PvGuest.L4], 0)).isZero();
        assertThat(t.cpu(pcpu).tlb.untrue(g.vcpu.context)).isEmpty();
    }

    /** A frame: mostly one of the guest's first pages, sometimes any number at all. */
    private long frame(PvGuest g, PvGuest other) {
        return switch (random.nextInt(24)) {
            case 0 -> other.mfn[random.nextInt(other.mfn.length)];
            case 1 -> random.nextInt(520);
            case 2 -> frames().m2p.firstMfn();
            case 3 -> g.memory().sharedInfoMfn();
            default -> g.mfn[page()];
        };
    }

    /** Few pages, so that things meet; the argument page and the boot stack of tables come seldom. */
    private int page() { return random.nextInt(12) == 0 ? 1 + random.nextInt(4) : 10 + random.nextInt(10); }

    private long flags() {
        long f = random.nextInt(8) == 0 ? 0 : 1;
        f |= random.nextInt(3) == 0 ? 2 : 0;
        f |= random.nextInt(2) == 0 ? 4 : 0;
        f |= random.nextInt(40) == 0 ? 1L << random.nextInt(12) : 0;
        return f | (random.nextInt(5) == 0 ? Pte.NX : 0);
    }

    private long entry(PvGuest g, PvGuest o) { return random.nextInt(5) == 0 ? 0 : frame(g, o) << 12 | flags(); }

    /** Never one through which the guest reaches its hypercall arguments. */
    private int slot() { return random.nextInt(10) == 0 ? 250 + random.nextInt(30) : 9 + random.nextInt(20); }

    private long step(PvGuest g, PvGuest o) {
        return switch (random.nextInt(16)) {
            case 0, 1, 2 -> g.mmuUpdate(frame(g, o) << 12 | slot() * 8L | (random.nextInt(4) == 0 ? 2 : 0), entry(g, o));
            case 3, 4 -> g.updateVa(page(), entry(g, o));
            case 5 -> {
                int p = page();
                yield g.updateVa(p, g.entry(p, 5));
            }
            case 6, 7 -> g.mmuExt(random.nextInt(4), frame(g, o), 0);
            case 8 -> g.mmuExt(4, frame(g, o), 0);
            case 9 -> random.nextBoolean() ? g.mmuExt(5, g.mfn[PvGuest.L4], 0) : g.mmuExt(15, random.nextInt(4) == 0 ? 0 : frame(g, o), 0);
            case 10 -> guestStores(g, o);
            case 11 -> setGdt(g, o);
            case 12 -> g.mmuExt(13, PvGuest.va(page()), random.nextInt(3) * 400) | (g.vcpu.descriptors.lookup(random.nextInt(8192) | 4) & 0);
            case 13 -> g.reservation(1, new long[] {frame(g, o)}, random.nextInt(8) == 0 ? 1 : 0) - 1;
            case 14 -> replenish(g);
            default -> random.nextBoolean() ? g.mmuExt(16 + random.nextInt(2), frame(g, o), frame(g, o))
                    : g.call(10, frame(g, o) << 12 | slot() * 8L, random.nextInt(4) == 0 ? random.nextLong() : 0x00cf_9300_0000_ffffL);
        };
    }

    /** Plain stores of the guest: only into frames that some entry of its maps writable. */
    private long guestStores(PvGuest g, PvGuest o) {
        int p = 10 + random.nextInt(10);
        int mfn = (int) g.mfn[p];
        if (!g.memory().owns(mfn) || frames().type(mfn) != FrameTable.WRITABLE || frames().typeCount(mfn) == 0) {
            return -1;
        }
        for (int i = random.nextInt(6); i >= 0; i--) {
            Raw.put64(frames().memory.address(mfn) + slot() * 8L, entry(g, o));
        }
        if (random.nextInt(3) == 0) {
            Raw.zero(frames().memory.address(mfn), 4096);
        }
        return 0;
    }

    private long setGdt(PvGuest g, PvGuest o) {
        int n = random.nextInt(3);
        for (int i = 0; i < n; i++) {
            g.put(PvGuest.ARGS, i, frame(g, o));
        }
        return g.call(2, PvGuest.va(PvGuest.ARGS), n * 512L);
    }

    /** Takes a frame in place of one that was given away. */
    private long replenish(PvGuest g) {
        for (int p = 10; p < 20; p++) {
            if (!g.memory().owns(g.mfn[p])) {
                if (g.reservation(6, new long[] {p}, 0) == 1) {
                    g.mfn[p] = g.listed(0);
                    return 0;
                }
            }
        }
        return -1;
    }
}
