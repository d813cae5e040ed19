package xen.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** An executable jar made of other jars unpacked at its root: same input, same bytes. The first jar with a name wins; service files are joined. */
final class FlatJar {
	private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 2, 1, 0, 0);

	private final Map<String, byte[]> entries = new TreeMap<>();

	void merge(Path jar) {
		try (ZipFile zip = new ZipFile(jar.toFile())) {
			for (ZipEntry e : zip.stream().toList()) {
				if (e.isDirectory() || skipped(e.getName())) continue;
				byte[] bytes = zip.getInputStream(e).readAllBytes();
				if (e.getName().startsWith("META-INF/services/")) entries.merge(e.getName(), bytes, FlatJar::joined);
				else entries.putIfAbsent(e.getName(), bytes);
			}
		} catch (IOException e) {
			throw new UncheckedIOException(jar.toString(), e);
		}
	}

	void put(String name, byte[] bytes) {
		entries.put(name, bytes);
	}

	/** Returns whether the file is another one now. */
	boolean writeIfChanged(Path out) throws IOException {
		byte[] bytes = bytes();
		if (Files.isRegularFile(out) && Arrays.equals(Files.readAllBytes(out), bytes)) return false;
		replace(out, bytes);
		return true;
	}

	void write(Path out) throws IOException {
		replace(out, bytes());
	}

	private static void replace(Path out, byte[] bytes) throws IOException {
		Path next = out.resolveSibling(out.getFileName() + ".next");
		Files.write(next, bytes);
		Files.move(next, out, StandardCopyOption.REPLACE_EXISTING);
	}

	private byte[] bytes() throws IOException {
		var out = new ByteArrayOutputStream();
		try (ZipOutputStream zip = new ZipOutputStream(out)) {
			Map<String, byte[]> all = new LinkedHashMap<>();
			all.put("META-INF/MANIFEST.MF", manifest());
			all.putAll(entries);
			for (var e : all.entrySet()) {
				ZipEntry entry = new ZipEntry(e.getKey());
				entry.setTimeLocal(EPOCH);
				if (e.getKey().endsWith(".jar")) store(entry, e.getValue());
				zip.putNextEntry(entry);
				zip.write(e.getValue());
			}
		}
		return out.toByteArray();
	}

	/** A nested jar is compressed already; stored, the launcher reads it faster. */
	private static void store(ZipEntry entry, byte[] bytes) {
		CRC32 crc = new CRC32();
		crc.update(bytes);
		entry.setMethod(ZipEntry.STORED);
		entry.setSize(bytes.length);
		entry.setCrc(crc.getValue());
	}

	private static byte[] manifest() throws IOException {
		Manifest m = new Manifest();
		Attributes a = m.getMainAttributes();
		a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
		a.put(Attributes.Name.MAIN_CLASS, "xen.dist.launcher.Main");
		a.put(Attributes.Name.MULTI_RELEASE, "true");
		a.putValue("Enable-Native-Access", "ALL-UNNAMED");
		var out = new ByteArrayOutputStream();
		m.write(out);
		return out.toByteArray();
	}

	/** Other jars' manifests, signatures, module descriptors and build leftovers mean nothing in the merged jar. */
	private static boolean skipped(String name) {
		return name.equals("META-INF/MANIFEST.MF") || name.startsWith("META-INF/maven/") || name.startsWith("OSGI-OPT/") || name.endsWith("module-info.class")
				|| name.startsWith("META-INF/") && (name.endsWith(".SF") || name.endsWith(".RSA") || name.endsWith(".DSA"));
	}

	private static byte[] joined(byte[] a, byte[] b) {
		byte[] all = Arrays.copyOf(a, a.length + 1 + b.length);
		all[a.length] = '\n';
		System.arraycopy(b, 0, all, a.length + 1, b.length);
		return all;
	}
}
