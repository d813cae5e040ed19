package xen.shell.commands;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.toolstack.api.XenStore;

/** xenstore, as domain 0 sees it. */
public final class StoreCommands {
	private final XenStore store;

	StoreCommands(XenStore store) {
		this.store = store;
	}

	@Descriptor("lists xenstore nodes and their values")
	public String storeLs(@Descriptor("print whole paths") @Parameter(names = "-f", presentValue = "true", absentValue = "false") boolean full,
			@Descriptor("show permissions") @Parameter(names = "-p", presentValue = "true", absentValue = "false") boolean permissions,
			@Descriptor("PATH: where to begin, / when left away") String... path) {
		if (path.length > 1) throw new CommandFailure(CliCommand.USAGE, "one PATH is expected; see xen:help store-ls");
		String top = path.length == 0 ? "/" : path[0];
		if (!top.equals("/") && store.read(top).isEmpty()) throw missing(top);
		StringBuilder s = new StringBuilder();
		children(s, top, 0, full, permissions);
		return s.toString();
	}

	private void children(StringBuilder s, String parent, int depth, boolean full, boolean permissions) {
		for (String name : store.list(parent)) {
			String path = parent.equals("/") ? "/" + name : parent + "/" + name;
			s.append(full ? path : " ".repeat(depth) + name).append(" = \"").append(printable(store.read(path).orElse(""))).append('"');
			if (permissions) s.append("   (").append(String.join(",", store.permissions(path))).append(')');
			s.append('\n');
			children(s, path, depth + 1, full, permissions);
		}
	}

	@Descriptor("prints the value of a xenstore node")
	public String storeRead(@Descriptor("PATH: absolute") String path) {
		return printable(store.read(path).orElseThrow(() -> missing(path))) + "\n";
	}

	@Descriptor("writes a xenstore node, making it when it is not there")
	public void storeWrite(@Descriptor("PATH: absolute") String path, @Descriptor("VALUE: text") String value) {
		store.write(path, value);
	}

	@Descriptor("removes a xenstore node and all under it")
	public void storeRm(@Descriptor("PATH: absolute") String path) {
		if (store.read(path).isEmpty()) throw missing(path);
		store.remove(path);
	}

	private static CommandFailure missing(String path) {
		return new CommandFailure(CliCommand.FAILED, "there is no node " + path + "; xen:store-ls lists those there are");
	}

	/** Guests write what they like: nothing of it reaches the terminal as a control character. */
	private static String printable(String value) {
		StringBuilder s = new StringBuilder();
		for (char c : value.toCharArray()) {
			if (c >= ' ' && c < 0x7f && c != '\\') s.append(c);
			else if (c == '\\') s.append("\\\\");
			else if (c == '\n') s.append("\\n");
			else s.append(String.format("\\x%02x", (int) c));
		}
		return s.toString();
	}
}
