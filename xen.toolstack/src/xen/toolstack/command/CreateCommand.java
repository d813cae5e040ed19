package xen.toolstack.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;
import xen.toolstack.api.DomainSpec;

/** {@code ./xen create FILE.cfg}: a guest from an xl.cfg file. */
@Component(service = CliCommand.class)
@CliName("create")
public final class CreateCommand implements EarlyCommand {
    private final GuestSessions guests;

    @Activate public CreateCommand(@Reference GuestSessions guests) { this.guests = guests; }

    @Override public String summary() { return "boot a guest from an xl.cfg file"; }

    @Override public int run(List<String> args, CliIo io, Startup rest) {
        SessionOptions session = new SessionOptions(rest);
        return GuestCommand.run(new Line(session, io), session, args, io);
    }

    @Command(name = "create", description = "Boots the PV guest that an xl.cfg file describes; its console is on standard input and output.",
            footer = "Exit status: 0 power-off or match, 2 usage or bad input, 3 the guest crashed, 4 limit reached.")
    private final class Line implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "configuration, see xl.cfg(5)")
        Path file;

        private final SessionOptions session;
        private final CliIo io;

        Line(SessionOptions session, CliIo io) {
            this.session = session;
            this.io = io;
        }

        @Override public Integer call() throws Exception {
            DomainSpec spec = guests.manager.read(file, w -> io.err().println("xen: warning: " + w));
            return guests.open(session, io).run(spec);
        }
    }
}
