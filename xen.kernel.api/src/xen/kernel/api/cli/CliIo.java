package xen.kernel.api.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a subcommand reads and writes: results on {@code out}, everything said about them on {@code err}.
 * Both are flushed at the end of a line and after an array; who writes single bytes flushes when a reader may wait.
 */
public record CliIo(InputStream in, PrintStream out, PrintStream err) {}
