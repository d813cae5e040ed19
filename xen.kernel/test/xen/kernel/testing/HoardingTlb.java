package xen.kernel.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A TLB of one pCPU that forgets nothing unless it must: whatever {@link Cpu} allows to keep is kept, for ever. {@link #untrue} compares
 * what is in use with the tables as they are.
 */
public final class HoardingTlb {
    private static final long P = 1, RW = 2, NX = Long.MIN_VALUE, FRAME = 0x000f_ffff_ffff_f000L;

    /** Of a vCPU: kernel mode's halves and the user space in use; page to leaf entry, rights of all levels in it. */
    private static final class Held {
        Map<Long, Long> upper = new HashMap<>(), lower = new HashMap<>(), user = new HashMap<>();
    }

    private final MachineMemory memory;
    private final Map<VcpuContext, Held> held = new HashMap<>();
    private final Map<Long, Map<Long, Long>> spaces = new HashMap<>();
    /** What the last change of space allowed to keep. */
    public int keep;
    public long space;

    public HoardingTlb(MachineMemory memory) { this.memory = memory; }

    private Held of(VcpuContext v) { return held.computeIfAbsent(v, k -> new Held()); }

    void spaceChanged(VcpuContext v, int mayKeep, long name) {
        keep = mayKeep;
        space = name;
        Held h = of(v);
        if ((mayKeep & Cpu.KEEP_UPPER) == 0) {
            h.upper.clear();
        }
        if ((mayKeep & Cpu.KEEP_LOWER) == 0) {
            h.lower.clear();
        }
        h.user = name == 0 ? new HashMap<>() : spaces.computeIfAbsent(name, k -> new HashMap<>());
    }

    void rootChanged(VcpuContext v) { held.remove(v); }

    void flushPage(VcpuContext v, long va) { maps(of(v)).forEach(m -> m.remove(va & -4096L)); }

    void flushAll() {
        held.clear();
        spaces.clear();
    }

    void forgetFrame(int mfn) {
        List<Map<Long, Long>> all = new ArrayList<>(spaces.values());
        held.values().forEach(h -> all.addAll(maps(h)));
        all.forEach(m -> m.values().removeIf(e -> (e & FRAME) >>> 12 == mfn));
    }

    private static List<Map<Long, Long>> maps(Held h) { return List.of(h.upper, h.lower, h.user); }

    /** Kernel mode and user mode of the vCPU use a page, if they can. */
    public void touch(VcpuContext v, long va) {
        Held h = of(v);
        enter(va < 0 ? h.upper : h.lower, v.get64(VcpuContext.KERNEL_ROOT), va);
        enter(h.user, v.get64(VcpuContext.USER_ROOT), va);
    }

    private void enter(Map<Long, Long> map, long root, long va) {
        if (!map.containsKey(va & -4096L) && (walk(root, va) & P) != 0) {
            map.put(va & -4096L, walk(root, va));
        }
    }

    /** Leaf entry with the rights of all levels, or 0. */
    private long walk(long root, long va) {
        long rights = RW, nx = 0, table = root;
        for (int shift = 39; root != 0; shift -= 9) {
            long e = Raw.get64(memory.address(table) + ((va >>> shift & 511) << 3));
            if ((e & P) == 0) {
                return 0;
            }
            rights &= e;
            nx |= e & NX;
            if (shift == 12) {
                return e & FRAME | P | rights | nx;
            }
            table = (e & FRAME) >>> 12;
        }
        return 0;
    }

    /** True while something leads to the frame, for anybody. */
    public boolean leadsTo(long mfn) {
        List<Map<Long, Long>> all = new ArrayList<>(spaces.values());
        held.values().forEach(h -> all.addAll(maps(h)));
        return all.stream().anyMatch(m -> m.values().stream().anyMatch(e -> (e & FRAME) >>> 12 == mfn));
    }

    /** True when something of the page is held for the vCPU. */
    public boolean holds(VcpuContext v, long va) { return maps(of(v)).stream().anyMatch(m -> m.containsKey(va & -4096L)); }

    /** What is held for the vCPU and gives another frame or more rights than the tables. */
    public List<String> untrue(VcpuContext v) {
        List<String> all = new ArrayList<>();
        Held h = of(v);
        compare(all, "kernel", h.upper, v.get64(VcpuContext.KERNEL_ROOT));
        compare(all, "kernel's lower half", h.lower, v.get64(VcpuContext.KERNEL_ROOT));
        compare(all, "user", h.user, v.get64(VcpuContext.USER_ROOT));
        return all;
    }

    private void compare(List<String> all, String whose, Map<Long, Long> map, long root) {
        map.forEach((va, e) -> {
            long now = walk(root, va);
            if (((e ^ now) & (FRAME | P)) != 0 || (e & ~now & RW) != 0 || (now & ~e & NX) != 0) {
                all.add("%s %x: %x, tables say %x".formatted(whose, va, e, now));
            }
        });
    }
}
