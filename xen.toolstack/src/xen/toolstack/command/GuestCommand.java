package xen.toolstack.command;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.HypervisorException;

/** Runs a picocli command object with the exit statuses and one-line messages that all subcommands share. */
final class GuestCommand {
    private GuestCommand() {}

    /** @param command the annotated object; its {@code call} gives the status */
    static int run(Callable<Integer> command, SessionOptions options, List<String> args, CliIo io) {
        CommandLine line = new CommandLine(command);
        line.addMixin("session", options);
        line.setCommandName("./xen " + line.getCommandName());
        line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        line.setOut(new PrintWriter(io.out(), true));
        line.setErr(new PrintWriter(io.err(), true));
        line.setParameterExceptionHandler((e, a) -> {
            io.err().println("xen: " + e.getMessage() + "; see " + line.getCommandName() + " --help");
            return CliCommand.USAGE;
        });
        line.setExecutionExceptionHandler((e, l, r) -> failed(e, options, io));
        return line.execute(args.toArray(String[]::new));
    }

    private static int failed(Exception e, SessionOptions options, CliIo io) throws Exception {
        if (options.debug) {
            e.printStackTrace(io.err());
        }
        return switch (e) {
            case CommandFailure f -> said(io, f.getMessage(), f.status());
            case HypervisorException h -> said(io, h.getMessage(), CliCommand.FAILED);
            default -> throw e;
        };
    }

    private static int said(CliIo io, String message, int status) {
        io.err().println("xen: " + message);
        return status;
    }
}
