package xen.cli;

import java.util.List;
import java.util.concurrent.Callable;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;

/** Runs one subcommand and turns what can go wrong into a line on standard error and a status. */
final class Dispatcher {
	private final CommandSource commands;
	private final CliIo io;
	private final boolean trace;
	private final Startup rest;

	/** @param rest what the launcher has not started yet */
	Dispatcher(CommandSource commands, CliIo io, boolean trace, Startup rest) {
		this.rest = rest;
		this.commands = commands;
		this.io = io;
		this.trace = trace;
	}

	int run(String... args) throws InterruptedException {
		if (args.length > 0 && commands.now(args[0]).orElse(null) instanceof EarlyCommand early) {
			return call(args[0], () -> early.run(List.of(args).subList(1, args.length), io, rest));
		}
		rest.complete();
		if (args.length == 0) return list(CliCommand.USAGE);
		String name = args[0];
		if (name.equals("commands") || name.equals("help") || name.equals("--help")) return list(CliCommand.OK);
		// a command of two words goes before one of the first word alone
		if (args.length > 1 && !args[1].startsWith("-") && commands.find(name + " " + args[1]) instanceof CommandSource.Ready(CliCommand command)) {
			return call(name + " " + args[1], () -> command.run(List.of(args).subList(2, args.length), io));
		}
		CommandSource.Found found = commands.find(name);
		return switch (found) {
			case CommandSource.Ready(CliCommand command) -> call(name, () -> command.run(List.of(args).subList(1, args.length), io));
			case CommandSource.Waiting(String missing) -> {
				io.err().println("xen: '" + name + "' is installed but not ready: " + missing);
				yield CliCommand.FAILED;
			}
			case CommandSource.Unknown() -> {
				io.err().println("xen: there is no command '" + name + "'");
				yield list(CliCommand.USAGE);
			}
		};
	}

	private int call(String name, Callable<Integer> command) throws InterruptedException {
		try {
			return command.call();
		} catch (InterruptedException e) {
			throw e;
		} catch (CommandFailure e) {
			io.err().println("xen " + name + ": " + e.getMessage());
			return e.status();
		} catch (Exception | StackOverflowError | OutOfMemoryError | AssertionError | LinkageError e) {
			io.err().println("xen " + name + ": " + (e instanceof Exception && e.getMessage() != null ? e.getMessage() : e.toString()));
			if (trace) e.printStackTrace(io.err());
			else io.err().println("(XEN_TRACE=1 shows where)");
			return CliCommand.FAILED;
		} finally {
			io.out().flush();
			io.err().flush();
		}
	}

	private int list(int status) {
		var stream = status == CliCommand.OK ? io.out() : io.err();
		stream.println("usage: ./xen COMMAND [ARGUMENT...]   each has --help");
		commands.summaries().forEach((name, summary) -> stream.printf("  %-10s %s%n", name, summary));
		return status;
	}
}
