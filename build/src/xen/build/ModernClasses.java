package xen.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Class files older than Java 6 have no stack maps: the JVM verifies them with its old, slow verifier at every start and keeps none of them in its AOT
 * cache. A library that has such classes (picocli: all 228) is copied with the same code as of Java 8, with maps. A jar that is signed, or has a class
 * for which no map can be made, is taken as it is.
 */
final class ModernClasses {
	private static final int WITH_MAPS = 50, JAVA_8 = 52;
	private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 2, 1, 0, 0);

	private final Path folder;

	/** @param folder where copies are */
	ModernClasses(Path folder) { this.folder = folder; }

	/** The jar, or its copy. */
	Path of(Path jar) throws IOException {
		Path copy = folder.resolve(jar.getFileName());
		Path stamp = folder.resolve(jar.getFileName() + ".stamp");
		String inputs = new Fingerprint().tree(jar).text(Integer.toString(JAVA_8)).hex();
		if (Fingerprint.matches(stamp, inputs)) return Files.isRegularFile(copy) ? copy : jar;
		Files.createDirectories(folder);
		Files.deleteIfExists(stamp);
		byte[] modern = modern(jar);
		if (modern == null) Files.deleteIfExists(copy);
		else {
			Path next = folder.resolve(jar.getFileName() + ".next");
			Files.write(next, modern);
			Files.move(next, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		Files.writeString(stamp, inputs);
		return modern == null ? jar : copy;
	}

	/** Null when there is nothing to do, or it cannot be done. */
	private static byte[] modern(Path jar) throws IOException {
		var bytes = new ByteArrayOutputStream();
		int changed = 0;
		try (ZipFile in = new ZipFile(jar.toFile()); ZipOutputStream out = new ZipOutputStream(bytes)) {
			ClassFile files = ClassFile.of(StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(hierarchy(in)));
			for (ZipEntry e : in.stream().toList()) {
				if (e.getName().matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)")) return null;
				byte[] content = in.getInputStream(e).readAllBytes();
				if (e.getName().endsWith(".class") && version(content) < WITH_MAPS) {
					content = modern(files, content);
					if (content == null) return null;
					changed++;
				}
				ZipEntry copy = new ZipEntry(e.getName());
				copy.setTimeLocal(EPOCH);
				out.putNextEntry(copy);
				out.write(content);
			}
		}
		return changed == 0 ? null : bytes.toByteArray();
	}

	private static int version(byte[] c) { return c.length < 8 ? Integer.MAX_VALUE : (c[6] & 0xff) << 8 | c[7] & 0xff; }

	/** Null when the verifier would refuse the result, or it cannot be made: JSR and RET have no maps. */
	private static byte[] modern(ClassFile files, byte[] old) {
		try {
			ClassModel model = files.parse(old);
			byte[] fresh = files.transformClass(model, new ClassTransform() {
				private final MethodTransform code = MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL);

				@Override
				public void accept(ClassBuilder to, ClassElement e) {
					switch (e) {
						case ClassFileVersion _ -> to.withVersion(JAVA_8, 0);
						case MethodModel m -> to.transformMethod(m, code);
						default -> to.with(e);
					}
				}
			});
			return files.verify(fresh).isEmpty() ? fresh : null;
		} catch (IllegalArgumentException e) {
			return null;
		}
	}

	/** The library's own classes, and the JDK's. */
	private static ClassHierarchyResolver hierarchy(ZipFile jar) {
		return ClassHierarchyResolver.ofResourceParsing((ClassDesc c) -> {
			String name = c.descriptorString().substring(1, c.descriptorString().length() - 1) + ".class";
			try {
				ZipEntry own = jar.getEntry(name);
				return own == null ? ClassLoader.getSystemResourceAsStream(name) : (InputStream) jar.getInputStream(own);
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}).orElse(ClassHierarchyResolver.defaultResolver()).cached();
	}
}
