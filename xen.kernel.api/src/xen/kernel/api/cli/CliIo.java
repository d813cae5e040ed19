package xen.kernel.api.cli;

import java.io.InputStream;
import java.io.PrintStream;

/** Where a subcommand reads and writes: results on {@code out}, everything said about them on {@code err}. */
public record CliIo(InputStream in, PrintStream out, PrintStream err) {}
