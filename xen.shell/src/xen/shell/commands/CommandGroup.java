package xen.shell.commands;

import java.util.List;
import java.util.Locale;
import org.apache.felix.gogo.runtime.Reflective;
import org.apache.felix.service.command.CommandSession;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.HypervisorException;

/**
 * Base of the components. Gogo finds no method by a command's name here, least of all one with hyphens, and so calls {@link #_main} with the
 * name in front; that calls the method of the group, prints what it returns, and makes one kind of failure of all that can go wrong.
 */
public abstract class CommandGroup {
	private final Object commands;

	protected CommandGroup(Object commands) {
		this.commands = commands;
	}

	Object commands() {
		return commands;
	}

	/** Called by Gogo on the session's thread. */
	public final void _main(CommandSession session, String[] argv) throws Exception {
		String name = argv[0].toLowerCase(Locale.ROOT);
		try {
			Object result = Reflective.invoke(session, commands, name.replace("-", ""), List.of((Object[]) argv).subList(1, argv.length));
			if (result instanceof String text && !text.isEmpty()) {
				System.out.print(text);
				System.out.flush();
			}
		} catch (CommandFailure e) {
			throw new Refusal(e.status(), e.getMessage(), e);
		} catch (HypervisorException e) {
			throw new Refusal(CliCommand.FAILED, e.getMessage(), e);
		} catch (IllegalStateException e) {
			if (!"the machine is off".equals(e.getMessage())) throw e;
			throw new Refusal(CliCommand.FAILED, "the machine is off; xen:create FILE.cfg switches it on", e);
		} catch (IllegalArgumentException e) {
			// Gogo's own words for arguments that fit no method
			boolean misfit = e.getMessage() != null && e.getMessage().startsWith("Cannot coerce");
			throw misfit ? new Refusal(CliCommand.USAGE, usage(name), e) : new Refusal(CliCommand.FAILED, e.getMessage(), e);
		}
	}

	private String usage(String name) {
		return Help.of(commands).stream().filter(h -> h.name().equals(name)).findFirst().map(h -> "usage: " + h.usage() + "; see xen:help " + name)
				.orElse("wrong arguments; see xen:help " + name);
	}
}
