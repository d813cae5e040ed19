package xen.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.sched.Scheduler;
import xen.toolstack.api.DomainManager;

/** {@code ./xen lab list} and {@code ./xen lab NAME}: see {@link Options}. */
@Component
@CliName("lab")
public final class LabCommand implements CliCommand {
    private final Hypervisor hypervisor;
    private final DomainManager manager;
    private final BlockControl blocks;
    private final BundleContext context;
    private final PolicyParameters parameters;
    private final Map<String, Scheduler> schedulers = new ConcurrentHashMap<>();

    @Activate public LabCommand(BundleContext context, @Reference Hypervisor hypervisor, @Reference DomainManager manager, @Reference BlockControl blocks,
            @Reference ConfigurationAdmin admin) {
        parameters = new PolicyParameters(context, admin);
        this.manager = manager;
        this.blocks = blocks;
        this.context = context;
        this.hypervisor = hypervisor;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addScheduler(Scheduler s, Map<String, Object> properties) { schedulers.put(String.valueOf(properties.get("xen.scheduler")), s); }

    void removeScheduler(Scheduler s) { schedulers.values().remove(s); }

    @Override public String summary() { return "scheduling experiments in virtual time: ./xen lab list"; }

    @Override public int run(List<String> args, CliIo io) throws Exception {
        Options o = Options.parse(args);
        if (o == null || o.name == null) {
            (o == null ? io.err() : io.out()).print(help());
            return o == null ? USAGE : OK;
        }
        List<Experiment> all = Experiments.all();
        if (o.name.equals("list")) {
            all.forEach(e -> io.out().printf("%-12s %s%n", e.name(), e.summary()));
            io.out().println("disk         disk schedulers on modelled disks: a command of its own, see ./xen lab disk --help");
            return OK;
        }
        Experiment e = all.stream().filter(x -> x.name().equals(o.name)).findFirst().orElse(null);
        if (e == null) {
            io.err().println("no experiment '" + o.name + "': './xen lab list' lists them");
            return USAGE;
        }
        for (Options.Parameter p : o.set) {
            parameters.set(p);
        }
        Progress progress = new Progress(io.err(), System.console() != null);
        Report r;
        try {
            r = o.sweep == null ? run(e, o.seed, progress) : new Sweep(o, progress).run();
        } finally {
            progress.clear();
        }
        io.out().print(r.text());
        write(r, o);
        return OK;
    }

    private Report run(Experiment e, long seed, Progress progress) throws InterruptedException {
        if (e instanceof DecisionCost d) {
            d.source(schedulers::get);
        }
        if (e instanceof LinuxSmp x) {
            x.use(hypervisor, manager);
        }
        if (e instanceof LinuxDisk x) {
            x.use(hypervisor, manager, blocks);
        }
        LabMachine machine = new LabMachine();
        ServiceRegistration<Machine> registration =
                context.registerService(Machine.class, machine, new Hashtable<>(Map.of("xen.machine", LabMachine.NAME)));
        try {
            Lab lab = new Lab(hypervisor, machine);
            return e.run(new Experiment.Bench() {
                @Override public Outcome run(String what, int done, int all, Setup setup) throws InterruptedException {
                    show(done, all, what);
                    return lab.run(setup);
                }

                @Override public void show(int done, int all, String what) { progress.show(done, all, what); }
            }, seed);
        } finally {
            registration.unregister();
        }
    }

    private static void write(Report r, Options o) throws IOException {
        if (o.json != null) {
            Files.writeString(o.json, r.json(o.seed));
        }
        if (o.plot != null) {
            System.setProperty("java.awt.headless", "true");
            Charts.write(r.plot(), o.plot);
        }
    }

    private static String help() {
        return """
                usage: ./xen lab list
                       ./xen lab NAME [--seed S] [--set SCHED:KEY=VALUE]... [--sweep SCHED:KEY=V1,V2,...] [--json FILE] [--plot FILE.svg]
                Runs an experiment in virtual time: the same seed gives the same figures on every host.
                  --seed S               another seed for what is random
                  --set SCHED:KEY=VALUE  a parameter of a scheduler's policy, for example gang:slot.us=5000 (xen:sched-config lists them)
                  --sweep SCHED:KEY=...  the experiment with each of the values, on all cores of the host, and the figures of that scheduler
                  --json FILE            writes the figures
                  --plot FILE.svg        draws the chart
                """;
    }
}
