package xen.bench;

import java.util.List;
import xen.kernel.api.cli.CliIo;

/** One benchmark, a DS service named by {@link BenchName}. */
public interface Benchmark {
	/** One line: what is measured. */
	String summary();

	/**
	 * Measures; may take seconds. Progress goes to {@code io.err()}, nothing to {@code io.out()}.
	 *
	 * @param args what follows the name, without {@code --json}
	 */
	Figures run(List<String> args, CliIo io) throws Exception;
}
