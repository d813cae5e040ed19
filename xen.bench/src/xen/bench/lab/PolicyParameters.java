package xen.bench.lab;

import java.io.IOException;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.sched.Scheduler;

/** Sets parameters of schedulers' policies through Config Admin, and waits until the schedulers have them. */
final class PolicyParameters {
    private static final long LIMIT_MILLIS = 10_000;

    private final BundleContext context;
    private final ConfigurationAdmin admin;

    PolicyParameters(BundleContext context, ConfigurationAdmin admin) {
        this.context = context;
        this.admin = admin;
    }

    void set(Options.Parameter p) throws IOException, InterruptedException {
        ServiceReference<Scheduler> r = reference(p.scheduler());
        if (r.getProperty(p.key()) == null) {
            throw new CommandFailure(CliCommand.USAGE, "scheduler " + p.scheduler() + " has no parameter '" + p.key() + "': xen:sched-config " + p.scheduler() + " shows what it has");
        }
        Configuration c = admin.getConfiguration(String.valueOf(r.getProperty("component.name")), "?");
        Dictionary<String, Object> next = new Hashtable<>();
        if (c.getProperties() != null) {
            Collections.list(c.getProperties().keys()).forEach(k -> next.put(k, c.getProperties().get(k)));
        }
        String value = p.values().getFirst();
        next.put(p.key(), value);
        // Config Admin tells the component on a thread of its own; then the service's properties change, or there is another service
        CountDownLatch there = new CountDownLatch(1);
        ServiceListener listener = e -> {
            if (e.getType() != ServiceEvent.UNREGISTERING && shows(e.getServiceReference(), p, value)) {
                there.countDown();
            }
        };
        context.addServiceListener(listener);
        try {
            c.update(next);
            if (!shows(reference(p.scheduler()), p, value) && !there.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new CommandFailure(CliCommand.FAILED, p.with(value) + " did not come to the scheduler: see the log");
            }
        } finally {
            context.removeServiceListener(listener);
        }
    }

    private static boolean shows(ServiceReference<?> r, Options.Parameter p, String value) {
        return p.scheduler().equals(r.getProperty("xen.scheduler")) && value.equals(String.valueOf(r.getProperty(p.key())));
    }

    private ServiceReference<Scheduler> reference(String scheduler) {
        try {
            return context.getServiceReferences(Scheduler.class, "(xen.scheduler=" + scheduler + ")").stream().findFirst()
                    .orElseThrow(() -> new CommandFailure(CliCommand.USAGE, "there is no scheduler '" + scheduler + "': ./xen run -c schedulers lists them"));
        } catch (InvalidSyntaxException e) {
            throw new CommandFailure(CliCommand.USAGE, "'" + scheduler + "' is no name of a scheduler");
        }
    }
}
