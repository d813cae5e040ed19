package xen.toolstack.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.debian.DebianCache;
import xen.toolstack.debian.Initramfs;
import xen.toolstack.debian.KernelChoice;
import xen.toolstack.debian.RootImage;

/** {@code ./xen debian}: Debian's own kernel and busybox, fetched and booted to a shell, or to the end of some commands. */
@Component(service = CliCommand.class)
@CliName("debian")
public final class DebianCommand implements EarlyCommand {
    private static final int DISK_MIB = 256;

    private final GuestSessions guests;

    @Activate public DebianCommand(@Reference GuestSessions guests) { this.guests = guests; }

    @Override public String summary() { return "fetch Debian's kernel and busybox and boot them to a shell"; }

    @Override public int run(List<String> args, CliIo io, Startup rest) {
        SessionOptions session = new SessionOptions(rest);
        return GuestCommand.run(new Line(session, io), session, args, io);
    }

    @Command(name = "debian", description = "Fetches Debian's current kernel and busybox with the host's apt (no root; kept in a cache), and "
            + "boots them to a shell; with --disk and no file, from an ext4 root disk that is made for it. On a terminal Ctrl-] leaves the guest.",
            footer = "Exit status: 0 power-off or match, 1 cannot fetch, 2 usage, 3 the guest crashed, 4 limit reached.")
    private final class Line implements Callable<Integer> {
        @Option(names = "--kernel", paramLabel = "cloud|generic|backports", description = "which of Debian's kernels (default: ${DEFAULT-VALUE})")
        String kernel = "cloud";

        @Option(names = "-c", paramLabel = "COMMANDS", description = "run these in the guest's shell, then power off")
        String commands;

        @Mixin
        GuestOptions guest = new GuestOptions();

        @Option(names = "--cache", paramLabel = "FOLDER", description = "where fetched files are kept (default: ~/.cache/xen-java)")
        Path cache = DebianCache.defaultFolder();

        @Option(names = "--update", description = "ask apt for newer versions than the cached ones")
        boolean update;

        @Option(names = "--offline", description = "take what is in the cache, or fail; fetch nothing")
        boolean offline;

        @Option(names = "--root-disk", paramLabel = "FILE", description = "image of the root disk for --disk without a file; made when it is not"
                + " there (default: debian-root.img in the cache)")
        Path rootDisk;

        @Option(names = "--new-disk", description = "make the root disk anew")
        boolean newDisk;

        @Option(names = "--modules", split = ",", paramLabel = "NAME", description = "modules of the kernel that the initial RAM disk loads beside those of"
                + " disks and networks, in that order; one that the kernel has built in is left out")
        List<String> modules = new ArrayList<>();

        @Option(names = "--fetch-only", description = "fetch, write the initial RAM disk, print the files' names (with --booted the snapshot's too)"
                + " and end")
        boolean fetchOnly;

        @Option(names = "--booted", description = "start from a guest that has booted once and is kept in the cache; -c types the commands into its shell")
        boolean booted;

        private final SessionOptions session;
        private final CliIo io;

        Line(SessionOptions session, CliIo io) {
            this.session = session;
            this.io = io;
        }

        @Override public Integer call() throws Exception {
            if (booted && !(session.disks.isEmpty() && session.nics.isEmpty())) {
                throw new ToolstackException("--booted: a guest with disks is not kept, since they would change behind its back; save one of your own with ./xen save");
            }
            session.check();
            KernelChoice choice = KernelChoice.of(kernel);
            long mib = guest.memoryMib();
            try (Progress progress = new Progress(io.err())) {
                DebianCache fetching = new DebianCache(cache, progress::show, update);
                DebianCache debian = offline ? fetching.offline() : fetching;
                DebianCache.Item image = debian.kernel(choice);
                byte[] busybox = Files.readAllBytes(debian.busybox().file());
                progress.show(image.packageName() + " " + image.version());
                boolean ownDisk = session.disks.contains(SessionOptions.OWN_DISK);
                Path ramdisk = write(Initramfs.build(busybox, booted ? null : commands, modules(debian, image), ownDisk));
                if (ownDisk) {
                    Path root = rootDisk == null ? cache.resolve("debian-root.img") : rootDisk;
                    if (newDisk || !Files.exists(root)) {
                        progress.show("making " + root);
                        RootImage.make(root, DISK_MIB, busybox);
                    }
                    progress.show("root disk " + root);
                    // the root is the first disk, whatever else there is
                    session.disks.replaceAll(d -> d.equals(SessionOptions.OWN_DISK) ? "vdev=xvda,target=" + root.toAbsolutePath() : d);
                }
                try {
                    DomainSpec spec = DomainSpec.simple("debian", image.file(), ramdisk, guest.commandLine, mib, guest.vcpus, session.symbols).withDisks(session.disks);
                    BootedDebian once = new BootedDebian(guests);
                    if (fetchOnly) {
                        io.out().println(image.file());
                        io.out().println(ramdisk);
                        Optional<Path> snapshot = booted ? once.file(spec, cache, session, io) : Optional.empty();
                        snapshot.ifPresent(io.out()::println);
                        return booted && snapshot.isEmpty() ? FAILED : OK;
                    }
                    return booted ? once.run(spec, cache, commands, session, io) : guests.open(session, io).run(spec);
                } finally {
                    if (!keepsRamdisk()) {
                        Files.deleteIfExists(ramdisk);
                    }
                }
            }
        }

        private Map<String, byte[]> modules(DebianCache debian, DebianCache.Item image) {
            if (modules.isEmpty() && session.disks.isEmpty() && session.nics.isEmpty()) {
                return Map.of();
            }
            List<String> all = new ArrayList<>(Initramfs.MODULES);
            all.addAll(modules);
            return debian.modules(image, all);
        }

        /** Its name is told, or written into a snapshot. */
        private boolean keepsRamdisk() { return fetchOnly || booted; }

        /** A file, because a reboot reads it again. */
        private Path write(byte[] content) throws IOException {
            if (!keepsRamdisk()) {
                return Files.write(Files.createTempFile("xen-initramfs", ".cpio"), content);
            }
            // named by its content: whoever was told the name of another one keeps that
            CRC32 sum = new CRC32();
            sum.update(content);
            Path file = cache.resolve("initramfs-%08x.cpio".formatted(sum.getValue()));
            if (!Files.exists(file)) {
                Path fresh = Files.createTempFile(cache, "initramfs", ".tmp");
                Files.write(fresh, content);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return file;
        }
    }
}
