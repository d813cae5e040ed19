package xen.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.time.TimeMode;

/**
 * Runs setups on a hypervisor that has nothing else to do: power on, build the workload domains, let them run, take the figures at an
 * exact machine time, power off. The same setup gives the same figures on every host.
 */
final class Lab {
    /** All domains start at the same moment, so that a run does not depend on how fast the host builds them. */
    private static final long START = 1_000_000;
    /** Frames that a domain may need in the machine: its own and the core's for it. */
    private static final long BYTES_A_DOMAIN = 64 * 4096;

    private final Hypervisor hypervisor;
    private final LabMachine machine;

    /** @param machine registered with the hypervisor's framework under its name */
    Lab(Hypervisor hypervisor, LabMachine machine) {
        this.hypervisor = hypervisor;
        this.machine = machine;
    }

    Outcome run(Setup s) throws InterruptedException {
        long wall = System.nanoTime();
        machine.ended = false;
        machine.guests.clear();
        long memory = (16L << 20) + s.domains().size() * BYTES_A_DOMAIN;
        hypervisor.powerOn(new MachineConfig(memory, s.topology(), TimeMode.VIRTUAL, LabMachine.NAME, s.scheduler(), MachineConfig.DEFAULT_HZ, s.costs()));
        try {
            if (!hypervisor.scheduler().equals(s.scheduler())) {
                throw new CommandFailure(CliCommand.FAILED, "scheduler '" + s.scheduler() + "' is not there: install and start its bundle");
            }
            return measure(s, wall);
        } finally {
            machine.ended = true;
            hypervisor.powerOff();
        }
    }

    private Outcome measure(Setup s, long wall) throws InterruptedException {
        List<LabDomain> domains = new ArrayList<>();
        for (DomainSpec d : s.domains()) {
            LabDomain built = new LabDomain(hypervisor, d, domains.size() + 1, s.seed());
            built.vcpus.forEach(v -> machine.guests.put(v.vcpu.context(), v));
            domains.add(built);
        }
        long begin = START + s.warmUp();
        long end = begin + s.measured();
        Trace trace = s.traced() ? new Trace(end) : null;
        if (trace != null) {
            hypervisor.trace(trace);
        }
        CountDownLatch done = new CountDownLatch(1);
        Outcome[] outcome = new Outcome[1];
        Samples pauses = new Samples();
        // one action starts all: an idle machine jumps to whatever comes next
        Runnable finish = () -> {
            outcome[0] = take(s, domains, trace, pauses, wall);
            machine.ended = true;
            done.countDown();
        };
        hypervisor.timeline().at(START, () -> {
            hypervisor.timeline().at(begin, () -> domains.forEach(d -> d.vcpus.forEach(LabVcpu::begin)));
            hypervisor.timeline().at(end, finish);
            for (int i = 0; s.swaps() != null && i < s.swaps().count(); i++) {
                String next = s.swaps().schedulers().get(i % s.swaps().schedulers().size());
                // at odd times, so that slots and slices are cut anywhere
                hypervisor.timeline().at(begin + s.measured() / s.swaps().count() * i + i * 7919L % 100_000,
                        () -> pauses.add(hypervisor.selectScheduler(next).pauseNanos()));
            }
            domains.forEach(d -> hypervisor.unpause(d.domain.id()));
        });
        done.await();
        if (outcome[0] == null) {
            throw new CommandFailure(CliCommand.FAILED, "the run ended without figures; see the log");
        }
        return outcome[0];
    }

    private Outcome take(Setup s, List<LabDomain> domains, Trace trace, Samples pauses, long wall) {
        List<Outcome.Tally> tallies = new ArrayList<>();
        for (LabDomain d : domains) {
            Samples latencies = new Samples();
            d.vcpus.forEach(v -> latencies.addAll(v.latencies));
            tallies.add(new Outcome.Tally(d.spec.name(), d.spec.vcpus(), d.spec.weight(), d.ran(), d.operations(), d.spun(), latencies,
                    d.vcpus.stream().mapToLong(v -> v.operations).min().orElse(0)));
        }
        return new Outcome(s, tallies, Map.copyOf(hypervisor.schedulerFigures()), trace, (System.nanoTime() - wall) / 1e9, pauses);
    }
}
