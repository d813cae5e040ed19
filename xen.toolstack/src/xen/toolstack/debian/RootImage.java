package xen.toolstack.debian;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import xen.toolstack.api.ToolstackException;

/** An ext4 root file system of busybox in an image file, populated by mke2fs from a folder: no root, no loop device. */
public final class RootImage {
    /** First line that user space on the disk prints. */
    public static final String MARKER = "xen-root: ready";

    private static final String INIT = """
            #!/bin/sh
            export PATH=/sbin:/bin:/usr/sbin:/usr/bin HOME=/root TERM=linux
            mount -t tmpfs tmpfs /tmp
            mkdir -p /dev/pts /dev/shm
            mount -t devpts devpts /dev/pts
            hostname xen
            ip link set lo up
            echo '%s'
            exec busybox init
            """;

    private static final String CONSOLE = """
            #!/bin/sh
            cd /root
            if [ -f /run/xen-commands ]; then
                sh /run/xen-commands
            else
                sh -l
            fi
            sync
            mount -o remount,ro /
            poweroff -f
            """;

    private RootImage() {}

    /** Makes the image; it appears complete or not at all. */
    public static void make(Path image, int mebibytes, byte[] busybox) {
        try {
            Path folder = Files.createTempDirectory("xen-root");
            try {
                populate(folder, busybox);
                Files.createDirectories(image.toAbsolutePath().getParent());
                Path part = image.resolveSibling(image.getFileName() + ".part");
                Files.deleteIfExists(part);
                run(List.of("mke2fs", "-q", "-F", "-t", "ext4", "-L", "xen-root", "-E", "root_owner=0:0", "-d", folder.toString(), part.toString(),
                        mebibytes + "M"));
                Files.move(part, image, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw ToolstackException.surroundings(image + ": cannot make the disk's image: " + e.getMessage(), e);
        }
    }

    private static void populate(Path root, byte[] busybox) throws IOException {
        for (String d : List.of("bin", "dev", "etc", "mnt", "proc", "root", "run", "sbin", "sys", "tmp", "usr/bin", "usr/sbin", "var")) {
            Files.createDirectories(root.resolve(d));
        }
        file(root, "bin/busybox", true, busybox);
        for (String applet : BusyboxApplets.of(busybox)) {
            if (!applet.equals("busybox")) {
                Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
            }
        }
        for (String applet : List.of("poweroff", "reboot")) {
            Files.createSymbolicLink(root.resolve("sbin/" + applet), Path.of("../bin/busybox"));
        }
        text(root, "etc/passwd", false, "root:x:0:0:root:/root:/bin/sh\n");
        text(root, "etc/group", false, "root:x:0:\n");
        text(root, "etc/profile", false, "PS1='\\w # '\n");
        text(root, "etc/fstab", false, "/dev/xvda / ext4 defaults 0 1\n");
        text(root, "etc/inittab", false, "hvc0::once:/etc/xen-console\n");
        text(root, "etc/xen-console", true, CONSOLE);
        text(root, "sbin/init", true, INIT.formatted(MARKER));
    }

    private static void text(Path root, String path, boolean runs, String content) throws IOException {
        file(root, path, runs, content.getBytes(StandardCharsets.UTF_8));
    }

    private static void file(Path root, String path, boolean runs, byte[] content) throws IOException {
        Path f = root.resolve(path);
        Files.write(f, content);
        Files.setPosixFilePermissions(f, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static void run(List<String> command) throws IOException {
        List<String> line = new ArrayList<>(command);
        // Debian keeps it where only root's path leads
        List.of("/usr/sbin/", "/sbin/").stream().map(d -> d + command.getFirst()).filter(f -> Files.isExecutable(Path.of(f))).findFirst()
                .ifPresent(f -> line.set(0, f));
        Process p;
        try {
            p = new ProcessBuilder(line).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException("mke2fs does not run here; install the package e2fsprogs", e);
        }
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (p.waitFor() != 0) {
                throw new IOException("mke2fs failed: " + said);
            }
        } catch (InterruptedException e) {
            p.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override public FileVisitResult visitFile(Path f, BasicFileAttributes a) throws IOException {
                Files.delete(f);
                return FileVisitResult.CONTINUE;
            }

            @Override public FileVisitResult postVisitDirectory(Path d, IOException e) throws IOException {
                Files.delete(d);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
