package xen.toolstack.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ToolstackException;

/** {@code ./xen boot KERNEL}: one guest of the user's own. */
@Component(service = CliCommand.class)
@CliName("boot")
public final class BootCommand implements EarlyCommand {
    private final GuestSessions guests;

    @Activate public BootCommand(@Reference GuestSessions guests) { this.guests = guests; }

    @Override public String summary() { return "boot a PV kernel (ELF or bzImage)"; }

    @Override public int run(List<String> args, CliIo io, Startup rest) {
        SessionOptions session = new SessionOptions(rest);
        return GuestCommand.run(new Line(session, io), session, args, io);
    }

    @Command(name = "boot", description = "Boots one PV guest; its console is on standard input and output. On a terminal Ctrl-] leaves it.",
            footer = "Exit status: 0 power-off or match, 2 usage or bad input, 3 the guest crashed, 4 limit reached.")
    private final class Line implements Callable<Integer> {
        @Parameters(paramLabel = "KERNEL", description = "64-bit Xen PV kernel, ELF or bzImage")
        Path kernel;

        @Option(names = "--ramdisk", paramLabel = "FILE", description = "initial RAM disk")
        Path ramdisk;

        @Mixin
        GuestOptions guest = new GuestOptions();

        @Option(names = "--name", paramLabel = "NAME", description = "name of the domain (default: ${DEFAULT-VALUE})")
        String name = "guest";

        private final SessionOptions session;
        private final CliIo io;

        Line(SessionOptions session, CliIo io) {
            this.session = session;
            this.io = io;
        }

        @Override public Integer call() throws Exception {
            if (session.disks.contains(SessionOptions.OWN_DISK)) {
                throw new ToolstackException("--disk: the image is missing; only ./xen debian makes one of its own");
            }
            return guests.open(session, io).run(DomainSpec.simple(name, kernel, ramdisk, guest.commandLine,
                    guest.memoryMib(), guest.vcpus, session.symbols).withDisks(session.disks));
        }
    }
}
