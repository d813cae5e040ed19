package xen.bench.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;

/**
 * Linux guests on one machine in virtual time, and rounds of work in them. They are booted once; each round swaps the scheduler in and
 * types the work into the consoles.
 */
final class LinuxGuests {
    private static final long MS = Setup.MS, SAMPLE = 100_000, SETTLE = 20 * MS;
    private static final int MEMORY_MIB = 96, VCPUS = 4;

    private final GuestTalk talk;
    private final long length;
    private final List<LinuxRound.Result> results = new ArrayList<>();

    /** Builds them, paused; the machine is on. @param length machine time of a round */
    LinuxGuests(Hypervisor hypervisor, DomainManager manager, Path kernel, Path ramdisk, String commandLine, int number, long length) {
        talk = new GuestTalk(hypervisor);
        this.length = length;
        for (int i = 0; i < number; i++) {
            talk.add(manager, DomainSpec.simple("linux" + i, kernel, ramdisk, commandLine, MEMORY_MIB, VCPUS, null));
        }
    }

    static long machineBytes(int guests) { return (guests * (MEMORY_MIB * 17L / 16 + 8) + 64) << 20; }

    /** Boots all and does the rounds. @param begun told of each round before it begins */
    List<LinuxRound.Result> run(List<LinuxRound> rounds, Consumer<LinuxRound> begun) throws InterruptedException {
        talk.run("smp: ready " + VCPUS, () -> next(rounds, 0, begun));
        return results;
    }

    private void next(List<LinuxRound> rounds, int i, Consumer<LinuxRound> begun) {
        if (i == rounds.size()) {
            talk.over();
            return;
        }
        LinuxRound r = rounds.get(i);
        begun.accept(r);
        talk.hypervisor.selectScheduler(r.scheduler());
        talk.at(talk.now() + SETTLE, () -> begin(r, () -> next(rounds, i + 1, begun)));
    }

    private void begin(LinuxRound r, Runnable then) {
        List<LabGuest> working = talk.guests.subList(0, r.guests());
        List<Vcpu> vcpus = new ArrayList<>();
        working.forEach(g -> vcpus.addAll(g.domain.domain().vcpus()));
        long ran = total(vcpus, RunState.RUNNING);
        long stolen = total(vcpus, RunState.RUNNABLE);
        SpinSampler spin = new SpinSampler();
        working.forEach(g -> g.type(r.load() + " " + length / MS));
        long begun = talk.now();
        long end = begun + length;
        sample(spin, vcpus, end);
        talk.at(end, () -> {
            long ranThen = total(vcpus, RunState.RUNNING) - ran;
            long stolenThen = total(vcpus, RunState.RUNNABLE) - stolen;
            talk.await("round " + r, working, "smp: done " + r.load(), () -> {
                results.add(result(r, working, begun, ranThen, stolenThen, spin));
                then.run();
            });
        });
    }

    private void sample(SpinSampler spin, List<Vcpu> vcpus, long end) {
        if (talk.now() < end) {
            spin.look(vcpus);
            talk.at(talk.now() + SAMPLE, () -> sample(spin, vcpus, end));
        }
    }

    private static long total(List<Vcpu> vcpus, RunState s) { return vcpus.stream().mapToLong(v -> v.nanosIn(s)).sum(); }

    private static LinuxRound.Result result(LinuxRound r, List<LabGuest> working, long begun, long ran, long stolen, SpinSampler spin) {
        long[] operations = new long[working.size()];
        for (int i = 0; i < operations.length; i++) {
            String line = working.get(i).line("smp: done " + r.load());
            String[] words = line.split(" ");
            if (!words[5].equals("0")) {
                throw new IllegalStateException("a guest computed wrongly under " + r + ": " + line);
            }
            operations[i] = Long.parseLong(words[3]);
        }
        long last = working.stream().mapToLong(LabGuest::heardAt).max().orElseThrow();
        return new LinuxRound.Result(r, operations, last - begun, ran, stolen, spin.percent(working.getFirst().domain::symbol));
    }
}
