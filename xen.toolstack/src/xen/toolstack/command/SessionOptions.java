package xen.toolstack.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;
import xen.kernel.api.cli.Startup;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.trace.TraceFile;

/** Options of every subcommand that runs a guest. Filled by picocli. */
final class SessionOptions {
    /** Stands for --disk without a file. */
    static final String OWN_DISK = "?";

    @Option(names = "--topology", paramLabel = "SxCxT", description = "sockets x cores x threads of the machine (default: one core a vCPU)")
    String topology;

    @Option(names = "--sched", paramLabel = "NAME", description = "scheduler (default: any that is installed)")
    String scheduler;

    @Option(names = "--disk", arity = "0..1", fallbackValue = SessionOptions.OWN_DISK, paramLabel = "FILE[,ro][,weight=N]", description = "virtual disk: an image file, ram:64M, or the words"
            + " of xl.cfg's disk; xvda first")
    List<String> disks = new ArrayList<>();

    @Option(names = "--nic", paramLabel = "SPEC", description = "network interface")
    List<String> nics = new ArrayList<>();

    @Option(names = "--time", paramLabel = "virtual|real", description = "how machine time goes (default: real on a terminal, else virtual)")
    String time;

    @Option(names = "--engine", paramLabel = "NAME", description = "CPU engine: interp, native, bytecode or auto (default: auto, the fastest there is)")
    String engine;

    @Option(names = "--machine", paramLabel = "NAME", description = "hardware model (default: any that is installed)")
    String machine;

    @Option(names = "--until", paramLabel = "REGEX", description = "end with status 0 at the first console line that matches")
    String until;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "end with status 4 after that much wall-clock time")
    Double timeout;

    @Option(names = "--stats", paramLabel = "FILE", description = "write figures of the run as JSON")
    Path stats;

    @Option(names = "--save", paramLabel = "FILE", description = "save the guest to a file when --save-when or --save-at says, and end with status 0")
    Path save;

    @Option(names = "--save-when", paramLabel = "REGEX", description = "save when the guest is idle for the first time after a console line that matches")
    String saveWhen;

    @Option(names = "--save-at", paramLabel = "INSTRUCTIONS", description = "save when the guest has retired that many instructions (exactly, in virtual time)")
    Long saveAt;

    @Option(names = "--save-keep", description = "let the guest go on after the save")
    boolean saveKeep;

    @Option(names = "--trace", paramLabel = "KIND", split = ",", description = "what to trace: exits, hypercalls, blocks; blocks make the guest"
            + " many times slower")
    List<String> trace = new ArrayList<>();

    @Option(names = "--trace-file", paramLabel = "FILE", description = "where the trace goes (default: xen.trace)")
    Path traceFile = Path.of("xen.trace");

    @Option(names = "--symbols", paramLabel = "FILE", description = "vmlinux or System.map for crash reports")
    Path symbols;

    @Option(names = "--debug", description = "show stack traces of errors")
    boolean debug;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    boolean help;

    /** What may have to be started for this guest. */
    final Startup rest;

    SessionOptions(Startup rest) { this.rest = rest; }

    Topology topology(int vcpus) {
        try {
            return topology == null ? new Topology(1, vcpus, 1) : Topology.parse(topology);
        } catch (IllegalArgumentException e) {
            throw new ToolstackException("--" + e.getMessage());
        }
    }

    TimeMode time(boolean terminal) {
        return switch (time) {
            case null -> terminal ? TimeMode.REAL : TimeMode.VIRTUAL;
            case "virtual" -> TimeMode.VIRTUAL;
            case "real" -> TimeMode.REAL;
            default -> throw new ToolstackException("--time " + time + ": virtual or real are possible");
        };
    }

    Pattern until() { return pattern("--until", until); }

    Pattern saveWhen() { return pattern("--save-when", saveWhen); }

    private static Pattern pattern(String option, String text) {
        try {
            return text == null ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new ToolstackException(option + " " + text + ": not a regular expression: " + e.getDescription());
        }
    }

    private void checkSave() {
        if (save == null && (saveWhen != null || saveAt != null || saveKeep)) {
            throw new ToolstackException((saveWhen != null ? "--save-when" : saveAt != null ? "--save-at" : "--save-keep") + ": the file is missing; give it with --save FILE");
        }
        if (save != null && (saveWhen == null) == (saveAt == null)) {
            throw new ToolstackException("--save " + save + ": say when: either --save-when REGEX or --save-at INSTRUCTIONS");
        }
        if (saveAt != null && saveAt < 1) {
            throw new ToolstackException("--save-at " + saveAt + ": a positive number of instructions is expected");
        }
        if (save != null && !Files.isDirectory(save.toAbsolutePath().getParent())) {
            throw new ToolstackException("--save " + save + ": there is no folder " + save.toAbsolutePath().getParent() + "; make it first");
        }
        saveWhen();
    }

    /** What can be refused before anything is done. */
    void check() {
        DiskSpec.all(disks.stream().filter(d -> !d.equals(OWN_DISK)).toList());
        if (!nics.isEmpty()) {
            throw new ToolstackException("--nic: this distribution has no back end for it; leave the option out");
        }
        if (timeout != null && !(timeout > 0)) {
            throw new ToolstackException("--timeout " + timeout + ": a positive number of seconds is expected");
        }
        TraceFile.check(trace);
        checkSave();
        until();
    }

    /** {@code 256}, {@code 256M}, {@code 1G}: MiB. */
    static long memoryMib(String text) {
        if (!text.matches("[0-9]{1,7}[mMgG]?")) {
            throw new ToolstackException("--memory " + text + ": a number of MiB is expected, or with a unit like 256M or 1G");
        }
        char unit = Character.toUpperCase(text.charAt(text.length() - 1));
        long n = Long.parseLong(Character.isDigit(unit) ? text : text.substring(0, text.length() - 1));
        return unit == 'G' ? n << 10 : n;
    }
}
