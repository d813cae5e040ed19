package xen.bench.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import xen.bench.process.CpuClock;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.SoloDriver;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/**
 * A board of ours with the image in its memory, driven through the hardware SPI alone: flat page tables, one vCPU, no core. Time is the
 * CPU time of the thread that runs the guest; compiler threads of the JVM work beside it and are not in it.
 */
final class EngineRunner implements Runner {
	private static final long BYTES = 32 << 20, BUDGET = 10_000_000;
	private static final int L4 = 1, L3 = 2, L2 = 3;
	/** Page table flags: present, writable, user, accessed, dirty; 2 MiB page. */
	private static final long USABLE = 0x67, LARGE = 0x80;

	private final MachineMemory memory = new MachineMemory(BYTES);
	private final VcpuContext context = new VcpuContext();
	private final SoloDriver driver = new SoloDriver();
	private final Machine.Board board;
	private final Cpu cpu;
	private final String engine;

	EngineRunner(Machine machine, String engine, Path image) throws IOException {
		this.engine = engine;
		byte[] bytes = Files.readAllBytes(image);
		Raw.put(memory.address(GuestImage.BASE >> 12), bytes, 0, bytes.length);
		Raw.put64(memory.address(L4), (long) L3 << 12 | USABLE);
		Raw.put64(memory.address(L3), (long) L2 << 12 | USABLE);
		for (long i = 0; i < BYTES >> 21; i++) Raw.put64(memory.address(L2) + 8 * i, i << 21 | USABLE | LARGE);
		board = machine.attach(memory, new Topology(1, 1, 1), driver);
		board.engine(engine);
		cpu = board.cpu(0);
		context.put64(VcpuContext.KERNEL_ROOT, L4);
		context.put64(VcpuContext.USER_ROOT, L4);
		cpu.rootChanged(context);
	}

	@Override
	public String name() { return engine; }

	@Override
	public Run run(Kernel kernel, long rounds) throws IOException {
		context.rip(GuestImage.ENTRY);
		context.gpr(VcpuContext.RDI, kernel.ordinal());
		context.gpr(VcpuContext.RSI, rounds);
		long retired = context.retired(), begin = CpuClock.thread();
		int exit;
		do exit = driver.run(cpu, context, BUDGET); while (exit == Exit.BUDGET || exit == Exit.ATTENTION);
		long nanos = CpuClock.thread() - begin;
		if (exit != Exit.SYSCALL) {
			throw new IOException("engine %s ended kernel %s with %s, vector %d, at %x".formatted(engine, kernel.title(), Exit.NAMES[exit],
					context.get32(VcpuContext.EXIT_VECTOR), context.rip()));
		}
		return new Run(context.gpr(VcpuContext.RAX), nanos, context.retired() - retired);
	}

	@Override
	public void close() {
		driver.quiesced(board::close);
		context.close();
		memory.close();
	}
}
