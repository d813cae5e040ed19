package xen.bench.lab;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;

/**
 * Linux guests on one machine in virtual time, and rounds of work in them. They are booted once; each round swaps the scheduler in and
 * types the work into the consoles. Everything is done by timeline actions at machine times, none by a host thread, so that a campaign
 * is the same on every run. The command's thread only waits.
 */
final class LinuxGuests {
    private static final long MS = Setup.MS, START = MS, POLL = 10 * MS, SAMPLE = 100_000, SETTLE = 20 * MS;
    /** Machine time after which a boot or a round has failed. */
    private static final long LIMIT = 60_000 * MS;
    private static final int MEMORY_MIB = 96, VCPUS = 4;

    /** One guest and what it printed. */
    private static final class Guest {
        final ManagedDomain domain;
        private final StringBuilder text = new StringBuilder();
        /** Machine time at which it printed last. */
        private long heardAt;

        Guest(ManagedDomain domain) { this.domain = domain; }

        synchronized void heard(byte[] b, long now) {
            text.append(new String(b, StandardCharsets.ISO_8859_1));
            heardAt = now;
        }

        synchronized long heardAt() { return heardAt; }

        /** The last line that begins so, or null. */
        synchronized String line(String begin) {
            int at = text.lastIndexOf(begin);
            int end = at < 0 ? -1 : text.indexOf("\n", at);
            return end < 0 ? null : text.substring(at, end).strip();
        }

        synchronized void forget() { text.setLength(0); }

        synchronized String last() { return text.substring(Math.max(0, text.length() - 300)); }
    }

    private final Hypervisor hypervisor;
    private final List<Guest> guests = new ArrayList<>();
    private final long length;
    private final List<LinuxRound.Result> results = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile String failure;

    /** Builds them, paused; the machine is on. @param length machine time of a round */
    LinuxGuests(Hypervisor hypervisor, DomainManager manager, Path kernel, Path ramdisk, String commandLine, int number, long length) {
        this.hypervisor = hypervisor;
        this.length = length;
        for (int i = 0; i < number; i++) {
            Guest g = new Guest(manager.create(DomainSpec.simple("linux" + i, kernel, ramdisk, commandLine, MEMORY_MIB, VCPUS, null), true));
            g.domain.attach(b -> g.heard(b, now()));
            guests.add(g);
        }
    }

    static long machineBytes(int guests) { return (guests * (MEMORY_MIB * 17L / 16 + 8) + 64) << 20; }

    /** Boots all and does the rounds. @param begun told of each round before it begins */
    List<LinuxRound.Result> run(List<LinuxRound> rounds, Consumer<LinuxRound> begun) throws InterruptedException {
        at(START, () -> {
            guests.forEach(g -> hypervisor.unpause(g.domain.domid()));
            await("boot", guests.size(), "smp: ready " + VCPUS, now() + LIMIT, () -> next(rounds, 0, begun));
        });
        over.await();
        if (failure != null) {
            throw new CommandFailure(CliCommand.FAILED, failure);
        }
        return results;
    }

    private long now() { return hypervisor.timeline().now(); }

    /** A failure in a step ends the campaign. */
    private void at(long time, Runnable step) {
        hypervisor.timeline().at(time, () -> {
            try {
                step.run();
            } catch (RuntimeException e) {
                fail(e.toString());
            }
        });
    }

    private void fail(String why) {
        failure = why;
        over.countDown();
    }

    /** Goes on when the first {@code n} guests have printed a line that begins so. */
    private void await(String what, int n, String begin, long limit, Runnable then) {
        for (Guest g : guests.subList(0, n)) {
            if (g.line(begin) == null) {
                if (now() > limit || g.domain.ended().isDone()) {
                    fail("a guest did not come to the end of its " + what + ": ..." + g.last());
                } else {
                    at(now() + POLL, () -> await(what, n, begin, limit, then));
                }
                return;
            }
        }
        then.run();
    }

    private void next(List<LinuxRound> rounds, int i, Consumer<LinuxRound> begun) {
        if (i == rounds.size()) {
            over.countDown();
            return;
        }
        LinuxRound r = rounds.get(i);
        begun.accept(r);
        hypervisor.selectScheduler(r.scheduler());
        at(now() + SETTLE, () -> begin(r, () -> next(rounds, i + 1, begun)));
    }

    private void begin(LinuxRound r, Runnable then) {
        List<Guest> working = guests.subList(0, r.guests());
        List<Vcpu> vcpus = new ArrayList<>();
        working.forEach(g -> vcpus.addAll(g.domain.domain().vcpus()));
        long ran = total(vcpus, RunState.RUNNING);
        long stolen = total(vcpus, RunState.RUNNABLE);
        SpinSampler spin = new SpinSampler();
        working.forEach(g -> {
            g.forget();
            g.domain.input((r.load() + " " + length / MS + "\n").getBytes(StandardCharsets.US_ASCII));
        });
        long begun = now();
        long end = begun + length;
        sample(spin, vcpus, end);
        at(end, () -> {
            long ranThen = total(vcpus, RunState.RUNNING) - ran;
            long stolenThen = total(vcpus, RunState.RUNNABLE) - stolen;
            await("round " + r, r.guests(), "smp: done " + r.load(), now() + LIMIT, () -> {
                results.add(result(r, working, begun, ranThen, stolenThen, spin));
                then.run();
            });
        });
    }

    private void sample(SpinSampler spin, List<Vcpu> vcpus, long end) {
        if (now() < end) {
            spin.look(vcpus);
            at(now() + SAMPLE, () -> sample(spin, vcpus, end));
        }
    }

    private static long total(List<Vcpu> vcpus, RunState s) { return vcpus.stream().mapToLong(v -> v.nanosIn(s)).sum(); }

    private static LinuxRound.Result result(LinuxRound r, List<Guest> working, long begun, long ran, long stolen, SpinSampler spin) {
        long[] operations = new long[working.size()];
        for (int i = 0; i < operations.length; i++) {
            String line = working.get(i).line("smp: done " + r.load());
            String[] words = line.split(" ");
            if (!words[5].equals("0")) {
                throw new IllegalStateException("a guest computed wrongly under " + r + ": " + line);
            }
            operations[i] = Long.parseLong(words[3]);
        }
        long last = working.stream().mapToLong(Guest::heardAt).max().orElseThrow();
        return new LinuxRound.Result(r, operations, last - begun, ran, stolen, spin.percent(working.getFirst().domain::symbol));
    }
}
