package xen.shell.commands;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import xen.kernel.api.hw.Topology;
import xen.kernel.testing.FakeHypervisor;
import xen.shell.machine.MachineChoice;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.Tracer;

/** Base of tests that type commands into a real Gogo, with no guests behind it. */
abstract class GogoTest {
	final FakeHypervisor hypervisor = new FakeHypervisor(64L << 20);
	final FakeManager manager = new FakeManager(hypervisor);
	final FakeStore store = new FakeStore();
	final FakeTracer tracer = new FakeTracer();
	final FakeDriver driver = new FakeDriver();
	final MachineSwitch power = new MachineSwitch(hypervisor, null, new MachineChoice(2048, new Topology(1, 4, 1), "virtual", "any", "any", "auto"));
	private final ThreadIOImpl threadIo = new ThreadIOImpl();
	private final CommandProcessorImpl processor = new CommandProcessorImpl(threadIo);
	private final TreeMap<String, Help> help = new TreeMap<>();

	@BeforeEach
	void start() {
		threadIo.start();
		add(new DomainCommands(hypervisor, manager, power));
		add(new ConsoleCommands(manager));
		add(new SchedCommands(hypervisor, manager, () -> new TreeMap<>(Map.of("rr", "xen.sched.rr 1.0.0")), new FakePolicies()));
		add(new PoolCommands(hypervisor, manager));
		add(new HostCommands(hypervisor, manager, power));
		add(new StoreCommands(store));
		add(new DebugCommands(tracer, manager));
		add(new BlockCommands(driver, manager));
		add(new HelpCommands(() -> help));
	}

	@AfterEach
	void stop() {
		threadIo.stop();
	}

	private void add(Object commands) {
		CommandGroup group = new CommandGroup(commands) {};
		for (Help h : HelpCommands.of(group)) {
			help.put(h.name(), h);
			processor.addCommand("xen", group, h.name());
		}
	}

	/** What the commands print. */
	String type(String program) throws Exception {
		return type(program, "");
	}

	String type(String program, String input) throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
		PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
		try (CommandSession session = processor.createSession(in, stream, stream)) {
			session.put("SCOPE", "xen:*");
			session.execute(program);
		}
		return out.toString(StandardCharsets.UTF_8);
	}

	FakeManager.FakeManaged domain(String name) throws Exception {
		type("create " + name + ".cfg");
		return manager.domains.getLast();
	}

	/** One parameter of one scheduler. */
	private static final class FakePolicies implements PolicySettings {
		private String slice = "10000";

		@Override
		public java.util.List<Setting> of(String scheduler) {
			return scheduler.equals("rr") ? java.util.List.of(new Setting("slice.us", slice, "10000", "Slice")) : java.util.List.of();
		}

		@Override
		public void set(String scheduler, Map<String, String> values) {
			slice = values.get("slice.us");
		}
	}

	/** Remembers the file and the kinds. */
	static final class FakeTracer implements Tracer {
		Set<String> kinds = Set.of();
		private Path file;

		@Override
		public void start(Path target, Set<String> what) {
			file = target;
			kinds = what;
		}

		@Override
		public Optional<Path> running() {
			return Optional.ofNullable(file);
		}

		@Override
		public long stop() {
			file = null;
			return 7;
		}
	}
}
