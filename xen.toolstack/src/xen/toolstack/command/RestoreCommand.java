package xen.toolstack.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.ToolstackException;

/** {@code ./xen restore FILE}: a guest from where it was saved. */
@Component(service = CliCommand.class)
@CliName("restore")
public final class RestoreCommand implements EarlyCommand {
    private final GuestSessions guests;

    @Activate public RestoreCommand(@Reference GuestSessions guests) { this.guests = guests; }

    @Override public String summary() { return "go on with a guest from where it was saved"; }

    @Override public int run(List<String> args, CliIo io, Startup rest) {
        SessionOptions session = new SessionOptions(rest);
        return GuestCommand.run(new Line(session, io), session, args, io);
    }

    @Command(name = "restore", description = "Goes on with a guest from the file that --save (or ./xen save) wrote; its console is on standard input and "
            + "output. On a terminal Ctrl-] leaves it. In virtual time, on the machine that the file describes (the default), the run goes on as if "
            + "it had never been interrupted.",
            footer = "Exit status: 0 power-off or match, 2 usage or a file that cannot be used, 3 the guest crashed, 4 limit reached.")
    private final class Line implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "the saved guest")
        Path file;

        @Option(names = "--name", paramLabel = "NAME", description = "name of the domain (default: the one it had)")
        String name;

        @Option(names = "-c", paramLabel = "COMMANDS", description = "type these into the guest's shell, and poweroff behind them")
        String commands;

        @Option(names = "--changed-disks", description = "restore also when a disk's image is not what it was")
        boolean changedDisks;

        @Option(names = "--info", description = "say what is in the file and end")
        boolean info;

        private final SessionOptions session;
        private final CliIo io;

        Line(SessionOptions session, CliIo io) {
            this.session = session;
            this.io = io;
        }

        @Override public Integer call() throws Exception {
            session.check();
            if (!session.disks.isEmpty()) {
                throw new ToolstackException("--disk: the guest comes with the disks it had; leave the option out");
            }
            SavedDomain saved = guests.snapshots.read(file);
            if (info) {
                io.out().println(saved);
                return OK;
            }
            return guests.open(session, io).restore(saved, name, commands, changedDisks);
        }
    }
}
