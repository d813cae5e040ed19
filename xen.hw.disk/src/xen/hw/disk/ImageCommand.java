package xen.hw.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import xen.hw.disk.qcow2.Checker;
import xen.hw.disk.qcow2.FileStore;
import xen.hw.disk.qcow2.Qcow2Files;
import xen.hw.disk.qcow2.Qcow2Image;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.hw.Raw;

/** {@code ./xen image}: makes, describes, checks, mends, copies and resizes images. */
@Component
@CliName("image")
public final class ImageCommand implements CliCommand {
    @Override public String summary() { return "makes, checks, converts and resizes disk images (raw, qcow2)"; }

    @Override public int run(List<String> args, CliIo io) {
        CommandLine line = new CommandLine(new Line()).setOut(new java.io.PrintWriter(io.out(), true)).setErr(new java.io.PrintWriter(io.err(), true));
        for (Object sub : List.of(new Create(io), new Info(io), new Check(io), new Convert(io), new Resize(io), new Rebase(io))) {
            line.addSubcommand(sub);
        }
        line.setExecutionExceptionHandler((e, l, r) -> {
            if (e instanceof IOException || e instanceof IllegalArgumentException) {
                io.err().println("xen image: " + (e instanceof FileAlreadyExistsException x ? x.getFile() + ": is there already; remove it or choose another name"
                        : e instanceof java.nio.file.NoSuchFileException x ? x.getFile() + ": no such file" : e.getMessage()));
                return e instanceof IOException ? FAILED : USAGE;
            }
            throw e;
        });
        return line.execute(args.toArray(String[]::new));
    }

    /** 64K, 1G, 4096. */
    static long size(String text) {
        if (!text.matches("[0-9]{1,15}[kKmMgGtT]?")) {
            throw new IllegalArgumentException("'" + text + "' is no size: expected something like 512M or 10G");
        }
        char unit = Character.toUpperCase(text.charAt(text.length() - 1));
        int shift = switch (unit) {
            case 'K' -> 10;
            case 'M' -> 20;
            case 'G' -> 30;
            case 'T' -> 40;
            default -> 0;
        };
        long n = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
        if (n > 1L << 60 - shift) {
            throw new IllegalArgumentException("'" + text + "' is larger than any disk");
        }
        return n << shift;
    }

    private static FileStore open(Path file, boolean readOnly) throws IOException {
        return new FileStore(file.toString(), ImageFiles.open(file, readOnly), null);
    }

    private static BlockBacking open(String file, String format, boolean readOnly) throws IOException {
        return switch (format) {
            case "qcow2" -> new Qcow2Format().open(file, readOnly);
            case "raw" -> new RawImage(Path.of(file), readOnly, 512);
            default -> throw new IllegalArgumentException("format " + format + ": raw or qcow2");
        };
    }

    @Command(name = "image", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Makes, checks, converts and resizes disk images.",
            footer = {"", "A file's format is never guessed: say -f qcow2 or -f raw. No guest may use an image that is changed."})
    private static final class Line implements Callable<Integer> {
        @CommandLine.Spec CommandLine.Model.CommandSpec spec;

        @Override public Integer call() {
            spec.commandLine().usage(spec.commandLine().getErr());
            return USAGE;
        }
    }

    /** What all have. */
    private abstract static class Sub implements Callable<Integer> {
        final CliIo io;

        Sub(CliIo io) { this.io = io; }
    }

    @Command(name = "create", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Makes an empty image.")
    private static final class Create extends Sub {
        @Option(names = {"-f", "--format"}, defaultValue = "qcow2", description = "qcow2 or raw (default ${DEFAULT-VALUE})") String format;
        @Option(names = {"-o", "--option"}, split = ",", description = "of qcow2: compat=1.1|0.10, cluster_size=64K, refcount_bits=16, lazy_refcounts=on|off") java.util.Map<String, String> options = java.util.Map.of();
        @Option(names = {"-b", "--backing"}, description = "image that shows where this one has nothing") String backing;
        @Option(names = {"-F", "--backing-format"}, description = "its format: raw or qcow2") String backingFormat;
        @Parameters(index = "0", paramLabel = "FILE") Path file;
        @Parameters(index = "1", paramLabel = "SIZE", arity = "0..1", description = "like 10G; left out: the backing file's") String size;

        Create(CliIo io) { super(io); }

        @Override public Integer call() throws IOException {
            if (backing != null && (backingFormat == null || !format.equals("qcow2"))) {
                throw new IllegalArgumentException(format.equals("qcow2") ? "-b needs -F raw or -F qcow2: the backing file's format is not guessed" : "a raw image has no backing file; use -f qcow2");
            }
            if (size == null && backing == null) {
                throw new IllegalArgumentException("a size is needed, like 10G");
            }
            long bytes = size == null ? baseSize() : size(size);
            try (FileChannel c = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                if (format.equals("raw")) {
                    if (bytes < 512) {
                        throw new IllegalArgumentException("a disk has at least one sector of 512 bytes");
                    }
                    c.write(java.nio.ByteBuffer.allocate(1), bytes - 1);
                } else if (format.equals("qcow2")) {
                    Qcow2Files.create(new FileStore(file.toString(), c, null), options(bytes));
                } else {
                    throw new IllegalArgumentException("format " + format + ": raw or qcow2");
                }
            } catch (FileAlreadyExistsException e) {
                throw e;
            } catch (IOException | IllegalArgumentException e) {
                Files.deleteIfExists(file);
                throw e;
            }
            io.out().println(file + ": " + format + ", " + bytes + " bytes");
            return OK;
        }

        private long baseSize() throws IOException {
            try (BlockBacking b = ImageCommand.open(file.toAbsolutePath().resolveSibling(backing).toString(), backingFormat, true)) {
                return b.sectors() << 9;
            }
        }

        private Qcow2Files.Options options(long bytes) {
            Qcow2Files.Options o = new Qcow2Files.Options(bytes, 3, 65536, 16, false, backing, backingFormat);
            for (var e : options.entrySet()) {
                String v = e.getValue();
                o = switch (e.getKey()) {
                    case "compat" -> new Qcow2Files.Options(bytes, v.equals("0.10") ? 2 : v.equals("1.1") ? 3 : 0, o.clusterSize(), o.refcountBits(), o.lazy(), backing, backingFormat);
                    case "cluster_size" -> new Qcow2Files.Options(bytes, o.version(), (int) Math.min(size(v), 1 << 30), o.refcountBits(), o.lazy(), backing, backingFormat);
                    case "refcount_bits" -> new Qcow2Files.Options(bytes, o.version(), o.clusterSize(), (int) Math.min(size(v), 1 << 30), o.lazy(), backing, backingFormat);
                    case "lazy_refcounts" -> new Qcow2Files.Options(bytes, o.version(), o.clusterSize(), o.refcountBits(), v.equals("on"), backing, backingFormat);
                    default -> throw new IllegalArgumentException("option " + e.getKey() + ": compat, cluster_size, refcount_bits and lazy_refcounts are known");
                };
            }
            return o;
        }
    }

    @Command(name = "info", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Says what a qcow2 image is.")
    private static final class Info extends Sub {
        @Parameters(paramLabel = "FILE") Path file;

        Info(CliIo io) { super(io); }

        @Override public Integer call() throws IOException {
            try (FileStore s = open(file, true)) {
                Qcow2Files.describe(s).forEach((k, v) -> io.out().println(String.format(Locale.ROOT, "%-16s: %s", k, v)));
            }
            return OK;
        }
    }

    @Command(name = "check", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Checks a qcow2 image's tables; status 0 when it is clean.")
    private static final class Check extends Sub {
        @Option(names = {"-r", "--repair"}, description = "leaks: gives back room that is counted and not used; all: mends all counts") String repair;
        @Parameters(paramLabel = "FILE") Path file;

        Check(CliIo io) { super(io); }

        @Override public Integer call() throws IOException {
            Checker.Repair what = repair == null ? Checker.Repair.NOTHING : switch (repair) {
                case "leaks" -> Checker.Repair.LEAKS;
                case "all" -> Checker.Repair.ALL;
                default -> throw new IllegalArgumentException("-r " + repair + ": leaks or all");
            };
            Checker.Result r;
            try (FileStore s = open(file, what == Checker.Repair.NOTHING)) {
                r = Checker.check(s, what);
            }
            r.messages().forEach(m -> io.out().println("error: " + m));
            io.out().println("%d clusters of data, %d of zeros, %d compressed; %d errors, %d leaks, %d mended%s".formatted(r.data(), r.zero(), r.compressed(),
                    r.errors(), r.leaks(), r.mended(), r.corrupt() ? "; marked corrupt" : r.dirty() ? "; dirty" : ""));
            if (!r.clean() && what == Checker.Repair.NOTHING) {
                io.out().println("mend a copy of it with: ./xen image check -r " + (r.errors() > 0 || r.corrupt() ? "all " : "leaks ") + file);
            }
            return r.clean() ? OK : FAILED;
        }
    }

    @Command(name = "convert", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Copies a disk into a new image; zeros take no room there.")
    private static final class Convert extends Sub {
        private static final int PIECE = 1 << 20;
        @Option(names = {"-f", "--format"}, required = true, description = "of the source: raw or qcow2") String format;
        @Option(names = {"-O", "--output-format"}, required = true, description = "of the copy: raw or qcow2") String output;
        @Parameters(index = "0", paramLabel = "FILE") String from;
        @Parameters(index = "1", paramLabel = "COPY") Path to;

        Convert(CliIo io) { super(io); }

        @Override public Integer call() throws IOException {
            try (BlockBacking source = open(from, format, true)) {
                Create c = new Create(new CliIo(io.in(), new java.io.PrintStream(java.io.OutputStream.nullOutputStream()), io.err()));
                c.format = output;
                c.file = to;
                c.size = Long.toString(source.sectors() << 9);
                c.call();
                copy(source);
            }
            io.out().println(to + ": " + output + ", " + Files.size(to) + " bytes of file");
            return OK;
        }

        private void copy(BlockBacking source) throws IOException {
            Raw.Area area = Raw.allocate(PIECE);
            try (BlockBacking target = open(to.toString(), output, false)) {
                for (long at = 0, end = source.sectors(); at < end; at += PIECE >> 9) {
                    int n = (int) Math.min(PIECE, (end - at) << 9);
                    source.read(at, area.address(), n);
                    pieces(target, at, area.address(), n);
                }
                target.flush();
            } catch (IOException e) {
                Files.deleteIfExists(to);
                throw e;
            } finally {
                area.free();
            }
        }

        /** In pieces of 64 KiB, those of zeros left out. */
        private static void pieces(BlockBacking target, long sector, long address, int bytes) throws IOException {
            for (int at = 0; at < bytes; at += 65536) {
                int n = Math.min(65536, bytes - at);
                boolean zero = true;
                for (int i = 0; i < n && zero; i += 8) {
                    zero = Raw.get64(address + at + i) == 0;
                }
                if (!zero) {
                    target.write(sector + (at >> 9), address + at, n);
                }
            }
        }
    }

    @Command(name = "resize", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Gives an image another size.")
    private static final class Resize extends Sub {
        @Option(names = {"-f", "--format"}, required = true, description = "raw or qcow2") String format;
        @Option(names = "--shrink", description = "allows a smaller size: what is behind it is lost") boolean shrink;
        @Parameters(index = "0", paramLabel = "FILE") Path file;
        @Parameters(index = "1", paramLabel = "SIZE", description = "like 20G, or +5G") String size;

        Resize(CliIo io) { super(io); }

        @Override public Integer call() throws IOException {
            try (BlockBacking b = open(file.toString(), format, false)) {
                long old = b.sectors() << 9, bytes = size.startsWith("+") ? old + size(size.substring(1)) : size(size);
                if (bytes < old && !shrink) {
                    throw new IllegalArgumentException(file + ": has " + old + " bytes; the last " + (old - bytes) + " would be lost: add --shrink if that is meant");
                }
                if (b instanceof Qcow2Image q) {
                    q.resize(bytes);
                }
            }
            if (format.equals("raw")) {
                raw(size);
            }
            io.out().println(file + ": resized");
            return OK;
        }

        private void raw(String text) throws IOException {
            try (FileChannel c = FileChannel.open(file, StandardOpenOption.WRITE)) {
                long old = c.size(), bytes = text.startsWith("+") ? old + size(text.substring(1)) : size(text);
                if (bytes < old) {
                    c.truncate(bytes);
                } else if (bytes > old) {
                    c.write(java.nio.ByteBuffer.allocate(1), bytes - 1);
                }
            }
        }
    }

    @Command(name = "rebase", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE,
            description = "Changes the name or the format of a qcow2 image's backing file in its header; contents are not compared.")
    private static final class Rebase extends Sub {
        @Option(names = {"-b", "--backing"}, description = "another backing file (default: the same)") String backing;
        @Option(names = {"-F", "--backing-format"}, required = true, description = "raw or qcow2") String format;
        @Parameters(paramLabel = "FILE") Path file;

        Rebase(CliIo io) { super(io); }

        @Override public Integer call() throws IOException {
            if (!List.of("raw", "qcow2").contains(format)) {
                throw new IllegalArgumentException("-F " + format + ": raw or qcow2");
            }
            try (FileStore s = open(file, false)) {
                Qcow2Files.rebase(s, backing, format);
            }
            io.out().println(file + ": rebased");
            return OK;
        }
    }
}
