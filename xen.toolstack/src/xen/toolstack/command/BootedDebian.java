package xen.toolstack.command;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.SavedDomain;

/**
 * Debian that has booted once and is kept in the cache: {@code ./xen debian --booted}. The file's name has a digest of everything that
 * the boot depends on (kernel, RAM disk, command line, memory, vCPUs, topology, every bundle of the product): a stale one is never found.
 */
final class BootedDebian {
    private static final int NAME = 16;
    private static final int KEPT = 4;

    private final GuestSessions guests;

    BootedDebian(GuestSessions guests) { this.guests = guests; }

    int run(DomainSpec spec, Path cache, String commands, SessionOptions options, CliIo io) throws IOException, InterruptedException {
        Optional<Path> file = file(spec, cache, options, io);
        if (file.isEmpty()) {
            return CliCommand.FAILED;
        }
        SavedDomain saved = guests.snapshots.read(file.get());
        return guests.open(options, io).restore(saved, null, commands, false);
    }

    /** The snapshot, made when it is not there; empty when that boot failed, which has been said. */
    Optional<Path> file(DomainSpec spec, Path cache, SessionOptions options, CliIo io) throws IOException, InterruptedException {
        Path file = cache.resolve("booted-" + digest(spec, options) + ".snap");
        if (Files.exists(file)) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return Optional.of(file);
        }
        forget(cache);
        io.err().println("xen: booting once; from now on it is there at once (" + file + ")");
        SessionOptions once = new SessionOptions(options.rest);
        once.time = "virtual";
        once.topology = options.topology;
        once.engine = options.engine;
        once.save = file;
        once.saveWhen = SaveCommand.READY;
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        int status = guests.open(once, new CliIo(new ByteArrayInputStream(new byte[0]), nowhere, nowhere)).run(spec);
        if (status != CliCommand.OK) {
            io.err().println("xen: the first boot failed (status " + status + "): look at it without --booted");
            return Optional.empty();
        }
        return Optional.of(file);
    }

    /** Deletes the snapshots that nobody used for an hour, but for the newest few: other builds may be at work beside this one. */
    private static void forget(Path cache) throws IOException {
        Instant recently = Instant.now().minus(Duration.ofHours(1));
        List<Path> all;
        try (Stream<Path> files = Files.list(cache)) {
            all = files.filter(p -> p.getFileName().toString().matches("booted-[0-9a-f]+\\.snap"))
                    .sorted(Comparator.comparing((Path p) -> p.toFile().lastModified()).reversed()).skip(KEPT).toList();
        }
        for (Path p : all) {
            if (p.toFile().lastModified() < recently.toEpochMilli()) {
                Files.deleteIfExists(p);
            }
        }
    }

    private static String digest(DomainSpec spec, SessionOptions options) throws IOException {
        MessageDigest d;
        try {
            d = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        d.update(Files.readAllBytes(spec.kernel()));
        d.update(Files.readAllBytes(spec.ramdisk()));
        String words = String.join("|", List.of(spec.commandLine(), Long.toString(spec.memoryMib()), Integer.toString(spec.vcpus()), String.valueOf(options.topology),
                product()));
        d.update(words.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(d.digest(), 0, NAME);
    }

    /** Size and time of each file that the product consists of: the bundles of the distribution, or the one jar that it was exported to. */
    private static String product() throws IOException {
        Properties p = new Properties();
        String distribution = System.getProperty("xen.distribution");
        if (distribution != null && Files.isReadable(Path.of(distribution))) {
            try (Reader in = Files.newBufferedReader(Path.of(distribution))) {
                p.load(in);
            }
        }
        Stream<String> bundles = p.stringPropertyNames().stream().filter(n -> n.startsWith("bundle.")).sorted().map(p::getProperty);
        return Stream.concat(bundles, Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)))
                .map(f -> new File(f).getName() + " " + new File(f).length() + " " + new File(f).lastModified()).collect(Collectors.joining("|"));
    }
}
