package xen.toolstack.debian;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/** Writes a cpio archive in "newc" form (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). The same calls give the same bytes. */
final class Cpio {
    private static final int DIRECTORY = 0040000, FILE = 0100000, LINK = 0120000, CHARACTER = 0020000;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Set<String> directories = new TreeSet<>();
    private int inode = 1;

    void directory(String path, int mode) {
        if (directories.add(path)) {
            parents(path);
            entry(path, DIRECTORY | mode, new byte[0], 0, 0);
        }
    }

    void file(String path, int mode, byte[] content) {
        parents(path);
        entry(path, FILE | mode, content, 0, 0);
    }

    void link(String path, String target) {
        parents(path);
        entry(path, LINK | 0777, target.getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    void character(String path, int mode, int major, int minor) {
        parents(path);
        entry(path, CHARACTER | mode, new byte[0], major, minor);
    }

    byte[] finish() {
        entry("TRAILER!!!", 0, new byte[0], 0, 0);
        return out.toByteArray();
    }

    private void parents(String path) {
        int slash = path.lastIndexOf('/');
        if (slash > 0) {
            directory(path.substring(0, slash), 0755);
        }
    }

    private void entry(String path, int mode, byte[] content, int major, int minor) {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        String header = "070701" + hex(inode++) + hex(mode) + hex(0) + hex(0) + hex(1) + hex(0) + hex(content.length) + hex(0) + hex(0)
                + hex(major) + hex(minor) + hex(name.length) + hex(0);
        out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(name);
        pad();
        out.writeBytes(content);
        pad();
    }

    private void pad() {
        while ((out.size() & 3) != 0) {
            out.write(0);
        }
    }

    private static String hex(int v) { return String.format("%08x", v); }
}
