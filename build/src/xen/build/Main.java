package xen.build;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Entry of the build driver: one verb a run, under a lock so that two builds of one tree wait for each other. */
public final class Main {
	private Main() {}

	public static void main(String[] args) throws Exception {
		Path root = Path.of(System.getProperty("xen.workspace", ".")).toAbsolutePath().normalize();
		List<String> rest = new ArrayList<>(List.of(args));
		String verb = rest.isEmpty() ? "build" : rest.removeFirst();
		int status;
		try {
			status = run(root, verb, rest);
		} catch (BuildException e) {
			System.err.println("xen: " + e.getMessage());
			status = 1;
		}
		System.exit(status);
	}

	private static int run(Path root, String verb, List<String> args) throws Exception {
		return switch (verb) {
			case "build" -> locked(root, () -> new WorkspaceBuild(root).buildAndTrain());
			case "product" -> locked(root, () -> new WorkspaceBuild(root).buildForProduct(args.getFirst()));
			case "train" -> locked(root, () -> {
				new AotCache(root, root.resolve("build/target/dist").resolve(args.getFirst())).make();
				return 0;
			});
			case "compose" -> locked(root, () -> new WorkspaceBuild(root).compose(Path.of(args.get(0)), Path.of(args.get(1))));
			case "release" -> locked(root, () -> new WorkspaceBuild(root).release(args));
			case "test" -> test(root, args);
			default -> throw new BuildException("the build driver knows no '" + verb + "'");
		};
	}

	/** Builds under the lock, then runs the tests without it: a test may take minutes. */
	private static int test(Path root, List<String> args) throws Exception {
		TestPlan[] plan = new TestPlan[1];
		locked(root, () -> {
			WorkspaceBuild build = new WorkspaceBuild(root);
			build.buildAll();
			plan[0] = build.testPlan(args);
			return 0;
		});
		try (TestPlan tests = plan[0]) {
			return tests.run();
		}
	}

	private interface Work { int run() throws Exception; }

	private static int locked(Path root, Work work) throws Exception {
		Path file = root.resolve("build/target/lock");
		Files.createDirectories(file.getParent());
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
				FileLock lock = acquire(channel, System.err)) {
			return work.run();
		}
	}

	private static FileLock acquire(FileChannel channel, PrintStream err) throws IOException {
		FileLock lock = channel.tryLock();
		if (lock != null) return lock;
		err.println("xen: another build of this tree is running; waiting for it");
		return channel.lock();
	}
}
