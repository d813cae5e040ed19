package xen.toolstack.debian;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;
import xen.toolstack.api.ToolstackException;

/** A Debian binary package: an ar archive with data.tar.{xz,zst,gz} inside. Read in place, nothing is run. */
final class DebFile {
    private DebFile() {}

    /** Contents of the first regular file whose path (without a leading "./") is wanted; what follows is not unpacked. */
    static Optional<byte[]> first(Path deb, Predicate<String> wanted) {
        Map<String, byte[]> found = find(deb, wanted, 1);
        return found.values().stream().findFirst();
    }

    /** Contents of all regular files whose path is wanted, by path. */
    static Map<String, byte[]> all(Path deb, Predicate<String> wanted) { return find(deb, wanted, Integer.MAX_VALUE); }

    private static Map<String, byte[]> find(Path deb, Predicate<String> wanted, int most) {
        try (var ar = new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(deb), 1 << 16))) {
            for (ArArchiveEntry e; (e = ar.getNextEntry()) != null;) {
                if (e.getName().startsWith("data.tar")) {
                    return find(open(e.getName(), ar), wanted, most);
                }
            }
            throw new IOException("it has no data.tar");
        } catch (IOException | RuntimeException e) {
            throw ToolstackException.surroundings(deb + ": cannot unpack the Debian package: " + e.getMessage() + "; remove it and try again", e);
        }
    }

    private static InputStream open(String name, InputStream in) throws IOException {
        return switch (name.substring("data.tar".length())) {
            case ".xz" -> new XZInputStream(in);
            case ".zst" -> new ZstdInputStream(in);
            case ".gz" -> new GZIPInputStream(in);
            case "" -> in;
            default -> throw new IOException(name + " is packed in an unknown way");
        };
    }

    private static Map<String, byte[]> find(InputStream data, Predicate<String> wanted, int most) throws IOException {
        Map<String, byte[]> found = new LinkedHashMap<>();
        try (var tar = new TarArchiveInputStream(data)) {
            for (TarArchiveEntry e; found.size() < most && (e = tar.getNextEntry()) != null;) {
                String path = e.getName().startsWith("./") ? e.getName().substring(2) : e.getName();
                if (e.isFile() && wanted.test(path)) {
                    found.put(path, tar.readAllBytes());
                }
            }
        }
        return found;
    }
}
