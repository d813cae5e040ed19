package xen.kernel.core;

import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.hypercall.HypercallHandler;
import xen.kernel.api.sched.Scheduler;

/**
 * The services that the core uses, as they come and go, and what their coming and going does to the machine that is on: schedulers and
 * handlers go to the parts in charge of them; a machine that leaves is replaced at once, or the guests stand still until one comes.
 *
 * <p>Any thread; calls exclude each other by this object's monitor, which comes before the core's lock.
 */
final class Plugins {
    private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);

    private final Map<String, Machine> machines = new TreeMap<>();
    private final Map<String, Scheduler> schedulers = new TreeMap<>();
    /** service.ranking of the schedulers that have one. */
    private final Map<String, Integer> ranks = new TreeMap<>();
    private final Map<HypercallHandler, Integer> handlers = new IdentityHashMap<>();
    private Core core;
    /** The machine whose board the core has, or null while there is none. */
    private Machine inCharge;
    /** The machine that was asked for, at power-on or since; null = any. */
    private String wanted;

    synchronized Optional<Machine> machine(String name) {
        return name == null ? machines.values().stream().findFirst() : Optional.ofNullable(machines.get(name));
    }

    synchronized Set<String> machineNames() { return new TreeSet<>(machines.keySet()); }

    /** The core was built on the machine of its configuration; what waits goes into it. */
    synchronized void attach(Core c) {
        core = c;
        wanted = c.config.machine();
        inCharge = machine(c.config.machine()).orElse(null);
        // where none is named the first that comes is taken
        schedulers.keySet().stream().sorted(Comparator.comparing((String n) -> -ranks.getOrDefault(n, 0)))
                .forEach(n -> c.schedulers.added(n, schedulers.get(n)));
        handlers.forEach((h, n) -> contribute(n, h));
    }

    synchronized void detach() {
        if (core != null) {
            core.schedulers.dispose();
        }
        core = null;
    }

    synchronized void add(String name, Machine m) {
        machines.put(name, m);
        if (core != null && inCharge == null && (wanted == null || wanted.equals(name))) {
            core.dispatcher.replaceBoard(PowerOn.attach(core, m)).close();
            inCharge = m;
            core.dispatcher.start();
            core.log.say("machine " + name + " took over; guests go on");
        }
    }

    /** Puts the named machine in charge of the one that is on. */
    synchronized SwapReport select(String name) {
        Machine next = machines.get(name);
        if (core == null || next == null) {
            throw new HypervisorException(Errno.ENOENT, "there is no machine '" + name + "': there are " + machineNames() + "; install and start its bundle first");
        }
        String from = inCharge == null ? "none" : inCharge.name();
        wanted = name;
        if (next == inCharge) {
            return new SwapReport(from, from, 0, 0);
        }
        boolean stood = inCharge == null;
        Machine.Board board = PowerOn.attach(core, next);
        long begin = System.nanoTime();
        Machine.Board old = core.dispatcher.replaceBoard(board);
        long pause = System.nanoTime() - begin;
        old.close();
        inCharge = next;
        if (stood) {
            core.dispatcher.start();
        }
        SwapReport r = new SwapReport(from, next.name(), pause, core.domains().stream().mapToInt(d -> d.vcpus().size()).sum());
        core.log.say("machine " + r.from() + " -> " + r.to() + ": paused for " + pause / 1000 + " us");
        return r;
    }

    synchronized void remove(String name, Machine m) {
        machines.remove(name, m);
        if (core == null || inCharge != m) {
            return;
        }
        Machine next = machine(wanted).orElse(null);
        if (next == null) {
            // not while a pCPU runs guest code on it
            core.dispatcher.stop();
            core.log.say("machine " + name + " is gone and there is no other: guests stand still until one comes");
        }
        core.dispatcher.replaceBoard(next == null ? new AbsentBoard() : PowerOn.attach(core, next)).close();
        inCharge = next;
    }

    synchronized void add(String name, Scheduler s) { add(name, s, 0); }

    /** @param rank where no scheduler is named at power-on, the one with the highest is taken */
    synchronized void add(String name, Scheduler s, int rank) {
        schedulers.put(name, s);
        ranks.put(name, rank);
        if (core != null) {
            core.schedulers.added(name, s);
        }
    }

    synchronized void remove(String name, Scheduler s) {
        schedulers.remove(name, s);
        if (core != null) {
            core.schedulers.removed(name, s);
        }
    }

    synchronized void add(int number, HypercallHandler h) {
        handlers.put(h, number);
        if (core != null) {
            contribute(number, h);
        }
    }

    synchronized void remove(int number, HypercallHandler h) {
        handlers.remove(h);
        if (core != null) {
            core.hypercalls.withdraw(number, h);
        }
    }

    private void contribute(int number, HypercallHandler h) {
        if (!core.hypercalls.contribute(number, h)) {
            LOG.warn("hypercall handler {} for number {} is not used: the number is taken or out of range", h, number);
        }
    }
}
