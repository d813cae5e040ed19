package xen.cpu.nativecode;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import xen.hw.x86smp.decode.Decoder;

/** What emitted code depends on beside the guest's bytes: the classes that decode and emit. Constants of others are part of these classes. */
final class BuildId {
    /** Felix opens such a bundle where it lies. */
    private static final String IN_PLACE = "reference:file:";

    private BuildId() {}

    /** 0 when it cannot be read: then nothing is kept. */
    static long read(Bundle emitter) {
        Bundle decoder = FrameworkUtil.getBundle(Decoder.class);
        if (decoder == null) {
            return 0;
        }
        try {
            CRC32 crc = new CRC32();
            add(crc, emitter, "xen/cpu/nativecode");
            add(crc, decoder, "xen/hw/x86smp/decode");
            add(crc, decoder, "xen/hw/x86smp/engine");
            return crc.getValue() | 1L << 32;
        } catch (IOException e) {
            return 0;
        }
    }

    private static void add(CRC32 crc, Bundle b, String folder) throws IOException {
        if (b.getLocation().startsWith(IN_PLACE)) {
            addDirectory(crc, b.getLocation().substring(IN_PLACE.length()), folder + "/");
            return;
        }
        var urls = b.findEntries(folder, "*.class", false);
        List<URL> sorted = new ArrayList<>(urls == null ? List.of() : Collections.list(urls));
        sorted.sort((x, y) -> x.getPath().compareTo(y.getPath()));
        for (URL u : sorted) {
            crc.update(u.getPath().getBytes(StandardCharsets.UTF_8));
            try (InputStream in = u.openStream()) {
                crc.update(in.readAllBytes());
            }
        }
    }

    /** Names and checksums as the jar's directory has them: reading a hundred classes would cost every start ten milliseconds. */
    private static void addDirectory(CRC32 crc, String jar, String folder) throws IOException {
        try (ZipFile zip = new ZipFile(jar)) {
            TreeMap<String, Long> classes = new TreeMap<>();
            for (var entries = zip.entries(); entries.hasMoreElements();) {
                ZipEntry e = entries.nextElement();
                String name = e.getName();
                if (name.startsWith(folder) && name.endsWith(".class") && name.indexOf('/', folder.length()) < 0) {
                    classes.put(name, e.getCrc());
                }
            }
            for (var e : classes.entrySet()) {
                crc.update(e.getKey().getBytes(StandardCharsets.UTF_8));
                crc.update(ByteBuffer.allocate(Long.BYTES).putLong(e.getValue()).flip());
            }
        }
    }
}
