package xen.bench.lab;

import xen.kernel.api.domain.RunState;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Executes the steps of {@link LabVcpu}s: computing and spinning retire instructions, everything else is a hypercall of the ABI. */
final class LabCpu implements Cpu {
    /** Hypercall numbers and sub-operations. */
    private static final int VCPU_OP = 24, SCHED_OP = 29, EVENT_OP = 32, INITIALISE = 0, UP = 1, YIELD = 0, POLL = 3, SEND = 4, BIND_IPI = 7;
    /** Layout of struct vcpu_guest_context and shared_info, as far as used. */
    private static final int CONTEXT_FLAGS = 512, CONTEXT_RIP = 648, CONTEXT_CTRLREG3 = 5008, CONTEXT_SIZE = 5168, IN_KERNEL = 4, PENDING = 2048;
    /** Guest virtual address of the scratch area, and where the port list of a poll is in it. */
    private static final long VA = 0x10000;
    private static final int LIST = 64;
    /** Instructions to take a free lock. */
    private static final long TAKE = 20;
    /** Instructions between two looks whether the boot has come so far. */
    private static final long PAUSE = 500;

    private final LabMachine machine;
    private final CpuCallbacks callbacks;
    private final long scratch;
    /** Of the present run. */
    private long used, budget;

    LabCpu(LabMachine machine, CpuCallbacks callbacks, long scratch) {
        this.machine = machine;
        this.callbacks = callbacks;
        this.scratch = scratch;
    }

    @Override public int run(VcpuContext c, long limit) {
        if (c.get32(VcpuContext.ATTENTION) != 0) {
            c.put32(VcpuContext.ATTENTION, 0);
            return Exit.ATTENTION;
        }
        LabVcpu v = machine.guests.get(c);
        used = 0;
        budget = limit;
        int exit = Exit.BUDGET;
        if (v == null || machine.ended) {
            used = limit;
        } else {
            woken(v, c);
            while (used < budget && exit == Exit.BUDGET) {
                exit = v.bootStep >= 0 ? boot(v, c) : execute(v, c);
            }
        }
        c.put64(VcpuContext.RETIRED, c.retired() + used);
        return exit;
    }

    private long now(VcpuContext c) { return callbacks.tsc(c, used); }

    private void woken(LabVcpu v, VcpuContext c) {
        if (v.wakeAt >= 0) {
            v.latencies.add(Math.max(0, now(c) - v.wakeAt));
            v.wakeAt = -1;
        }
    }

    /** vCPU 0 brings up the others and binds everybody's port; the others just begin. */
    private int boot(LabVcpu v, VcpuContext c) {
        int n = v.domain.vcpus.size();
        if (v.vcpu.id() != 0) {
            // vCPU 0 has not come to it yet
            used += v.port == 0 ? Math.min(PAUSE, budget - used) : 0;
            v.bootStep = v.port == 0 ? 0 : -1;
            return Exit.BUDGET;
        }
        int s = v.bootStep++;
        if (s > 3 * n) {
            v.bootStep = -1;
            return Exit.BUDGET;
        }
        int id = s / 3;
        if (s > 0 && s % 3 == 0) {
            v.domain.vcpus.get(id - 1).port = Raw.get32(scratch + 4);
        }
        if (id == n) {
            return Exit.BUDGET;
        }
        switch (s % 3) {
            case 0 -> {
                return id == 0 ? Exit.BUDGET : initialise(v, c, id);
            }
            case 1 -> {
                return id == 0 ? Exit.BUDGET : call(c, VCPU_OP, UP, id, 0);
            }
            default -> {
                Raw.put32(scratch, id);
                return call(c, EVENT_OP, BIND_IPI, VA, 0);
            }
        }
    }

    private int initialise(LabVcpu v, VcpuContext c, int id) {
        Raw.zero(scratch, CONTEXT_SIZE);
        Raw.put64(scratch + CONTEXT_FLAGS, IN_KERNEL);
        Raw.put64(scratch + CONTEXT_RIP, 0x1000);
        Raw.put64(scratch + CONTEXT_CTRLREG3, v.domain.root << 12);
        return call(c, VCPU_OP, INITIALISE, id, VA);
    }

    private int call(VcpuContext c, int number, long a0, long a1, long a2) {
        c.gpr(VcpuContext.RAX, number);
        c.gpr(VcpuContext.RDI, a0);
        c.gpr(VcpuContext.RSI, a1);
        c.gpr(VcpuContext.RDX, a2);
        used++;
        return Exit.SYSCALL;
    }

    private int execute(LabVcpu v, VcpuContext c) {
        if (v.step == null) {
            v.step = v.program.next(v);
            v.entered = false;
            v.left = v.step instanceof Step.Compute s ? s.instructions() : 0;
        }
        switch (v.step) {
            case Step.Compute s -> {
                long n = Math.min(v.left, budget - used);
                used += n;
                v.left -= n;
                if (v.left <= 0) {
                    v.step = null;
                }
            }
            case Step.Done s -> {
                v.operations++;
                v.step = null;
            }
            case Step.Sleep s -> {
                v.step = null;
                long deadline = now(c) + s.nanos();
                v.wakeAt = deadline;
                return poll(v, c, deadline);
            }
            case Step.Yield s -> {
                v.step = null;
                return call(c, SCHED_OP, YIELD, 0, 0);
            }
            case Step.Lock s -> {
                return lock(v, c, s.lock());
            }
            case Step.Unlock s -> {
                v.step = null;
                LabVcpu next = s.lock().leave(now(c));
                if (next != null && next.parked) {
                    return notify(c, next);
                }
            }
            case Step.Meet s -> meet(v, c, s.barrier());
        }
        return Exit.BUDGET;
    }

    private int poll(LabVcpu v, VcpuContext c, long deadline) {
        Raw.put64(scratch, VA + LIST);
        Raw.put32(scratch + 8, 1);
        Raw.put64(scratch + 16, deadline);
        Raw.put32(scratch + LIST, v.port);
        return call(c, SCHED_OP, POLL, VA, 0);
    }

    private boolean takePending(LabVcpu v) {
        long word = v.domain.sharedInfo + PENDING + (v.port >>> 6) * 8L;
        long bits = Raw.get64(word);
        long bit = 1L << v.port;
        Raw.put64(word, bits & ~bit);
        return (bits & bit) != 0;
    }

    private int notify(VcpuContext c, LabVcpu target) {
        if (target.vcpu.runState() == RunState.BLOCKED) {
            target.wakeAt = now(c);
        }
        Raw.put32(scratch, target.port);
        return call(c, EVENT_OP, SEND, VA, 0);
    }

    private int lock(LabVcpu v, VcpuContext c, SpinLock lock) {
        long now = now(c);
        if (!v.entered) {
            v.entered = true;
            v.spunHere = 0;
            lock.enter(v, now);
        }
        if (v.parked) {
            v.parked = false;
            v.spunHere = 0;
            takePending(v);
        }
        long granted = lock.grantedTo(v);
        if (granted >= 0 && granted <= now) {
            used += Math.min(TAKE, budget - used);
            v.step = null;
            return Exit.BUDGET;
        }
        spin(v, granted < 0 ? Long.MAX_VALUE : granted - now);
        if (lock.pv && granted < 0 && v.spunHere >= SpinLock.PV_SPIN) {
            v.parked = true;
            return poll(v, c, 0);
        }
        return Exit.BUDGET;
    }

    private void spin(LabVcpu v, long instructions) {
        long n = Math.max(1, Math.min(instructions, budget - used));
        used += n;
        v.spun += n;
        v.spunHere += n;
    }

    private void meet(LabVcpu v, VcpuContext c, SpinBarrier barrier) {
        long now = now(c);
        if (!v.entered) {
            v.entered = true;
            v.round = barrier.arrive(now);
        }
        long opened = barrier.opened(v.round);
        if (opened >= 0 && opened <= now) {
            v.step = null;
        } else {
            spin(v, opened < 0 ? Long.MAX_VALUE : opened - now);
        }
    }

    @Override public long translate(VcpuContext c, long va, int access) {
        return va >= VA && va < VA + LabMachine.SCRATCH ? scratch + (va - VA) : -1;
    }

    @Override public int stepWithStoreHook(VcpuContext c, long page, StoreHook hook) { return Exit.BUDGET; }
    @Override public void rootChanged(VcpuContext c) { }
    @Override public void flushPage(VcpuContext c, long va) { }
    @Override public void flushAll() { }
    @Override public void contentChanged(int mfn) { }
}
