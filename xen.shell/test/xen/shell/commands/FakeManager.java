package xen.shell.commands;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.domain.Domain;
import xen.kernel.testing.FakeHypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.DomainStats;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.ToolstackException;

/** A domain manager that builds nothing: a domain is its name, its console what the test lets it print. */
final class FakeManager implements DomainManager {
	final List<FakeManaged> domains = new ArrayList<>();
	final List<String> asked = new ArrayList<>();
	private final FakeHypervisor hypervisor;

	FakeManager(FakeHypervisor hypervisor) {
		this.hypervisor = hypervisor;
	}

	@Override
	public DomainSpec read(Path file, Consumer<String> warnings) {
		String name = file.getFileName().toString().replace(".cfg", "");
		if (name.equals("missing")) throw new ToolstackException(file + ": no such file (the domain's configuration)");
		if (name.equals("odd")) warnings.accept(file + ": unknown key colour");
		return DomainSpec.simple(name, Path.of("vmlinuz"), null, "", 256, 2, null);
	}

	@Override
	public ManagedDomain create(DomainSpec spec, boolean paused) {
		FakeHypervisor.FakeDomain d = (FakeHypervisor.FakeDomain) hypervisor.create(new DomainConfig(spec.name(), spec.uuid(), spec.maxPages(), spec.maxVcpus(), false));
		hypervisor.populate(d.id, 0, 1024);
		FakeManaged m = new FakeManaged(spec, d);
		domains.add(m);
		if (!paused) hypervisor.unpause(d.id);
		return m;
	}

	@Override
	public List<ManagedDomain> list() {
		return List.copyOf(domains);
	}

	@Override
	public Optional<ManagedDomain> find(String nameOrId) {
		return list().stream().filter(d -> d.spec().name().equals(nameOrId) || Integer.toString(d.domid()).equals(nameOrId)).findFirst();
	}

	@Override
	public void rename(ManagedDomain domain, String name) {
		throw new UnsupportedOperationException(name);
	}

	@Override
	public void destroy(ManagedDomain domain) {
		asked.add("destroy " + domain.domid());
		domains.remove(domain);
		hypervisor.destroy(domain.domid());
	}

	@Override
	public void shutdown(ManagedDomain domain) {
		asked.add("shutdown " + domain.domid());
	}

	@Override
	public void reboot(ManagedDomain domain) {
		asked.add("reboot " + domain.domid());
	}

	/** A domain whose console prints what the test says. */
	static final class FakeManaged implements ManagedDomain {
		final StringBuilder typed = new StringBuilder();
		final CompletableFuture<End> ended = new CompletableFuture<>();
		final List<Consumer<byte[]>> listeners = new ArrayList<>();
		/** What the guest answers to input, at once. */
		java.util.function.UnaryOperator<String> answer = typed -> "";
		private final DomainSpec spec;
		private final FakeHypervisor.FakeDomain domain;
		private String log = "";

		FakeManaged(DomainSpec spec, FakeHypervisor.FakeDomain domain) {
			this.spec = spec;
			this.domain = domain;
		}

		void print(String text) {
			log += text;
			listeners.forEach(l -> l.accept(text.getBytes(StandardCharsets.UTF_8)));
		}

		@Override
		public DomainSpec spec() {
			return spec;
		}

		@Override
		public int domid() {
			return domain.id;
		}

		/** What {@link #onlineVcpus} was last asked for. */
		int online;

		@Override
		public void onlineVcpus(int count) {
			online = count;
		}

		/** What a test puts there. */
		xen.toolstack.api.VirtualDisks disks;

		@Override
		public xen.toolstack.api.VirtualDisks disks() {
			return disks;
		}

		@Override
		public Domain domain() {
			return domain;
		}

		FakeHypervisor.FakeDomain fake() {
			return domain;
		}

		@Override
		public CompletableFuture<End> ended() {
			return ended;
		}

		@Override
		public AutoCloseable attach(Consumer<byte[]> output) {
			listeners.add(output);
			return () -> listeners.remove(output);
		}

		@Override
		public AutoCloseable attachWithLog(Consumer<byte[]> output) {
			output.accept(consoleLog());
			return attach(output);
		}

		@Override
		public void input(byte[] data) {
			String text = new String(data, StandardCharsets.UTF_8);
			typed.append(text);
			print(answer.apply(text));
		}

		@Override
		public byte[] consoleLog() {
			return log.getBytes(StandardCharsets.UTF_8);
		}

		@Override
		public Optional<String> symbol(long va) {
			return va == 0xffffffff81000010L ? Optional.of("_text+0x10") : Optional.empty();
		}

		@Override
		public long startedNanos() {
			return 2_000_000_000L;
		}

		@Override
		public List<DomainStats> stats() {
			return List.of(DomainStats.of(domain, disks));
		}
	}
}
