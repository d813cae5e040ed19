package xen.kernel.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bytecode sizes of a bundle's methods against what HotSpot does with them: one of {@link #COMPILED} bytes is never compiled, a hot callee of more than
 * {@link #INLINED} (FreqInlineSize) is never inlined, whatever it costs.
 */
public final class HotMethods {
    public static final int COMPILED = 8000, INLINED = 325;

    /** Of each {@code Class.method}, nested classes as {@code Outer.Inner.method}, the longest overload. */
    private final Map<String, Integer> sizes = new TreeMap<>();

    /** All classes of the folder or jar that {@code anchor} was loaded from. */
    public HotMethods(Class<?> anchor) {
        try {
            Path from = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(from)) {
                read(from);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + from.toUri()), Map.of())) {
                    read(jar.getPath("/"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void read(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            for (Path f : files.filter(p -> p.toString().endsWith(".class") && !p.toString().endsWith("-info.class")).toList()) {
                ClassModel c = ClassFile.of().parse(f);
                String type = c.thisClass().asInternalName();
                String name = type.substring(type.lastIndexOf('/') + 1).replace('$', '.');
                for (MethodModel m : c.methods()) {
                    m.findAttribute(java.lang.classfile.Attributes.code()).map(CodeAttribute::codeLength)
                            .ifPresent(n -> sizes.merge(name + "." + m.methodName().stringValue(), n, Math::max));
                }
            }
        }
    }

    /** Methods that HotSpot would leave to its interpreter for ever. */
    public List<String> neverCompiled() {
        return sizes.entrySet().stream().filter(e -> e.getValue() >= COMPILED && !e.getKey().endsWith("<clinit>")).map(e -> e.getKey() + ": " + e.getValue()).toList();
    }

    /**
     * What is wrong with a list of hot callees.
     *
     * @param list lines of {@code Class: method method...}
     * @return methods that are too long to be inlined, or are not there (any more)
     */
    public List<String> notInlined(String list) {
        List<String> wrong = new ArrayList<>();
        for (String line : list.lines().filter(l -> !l.isBlank()).toList()) {
            String type = line.substring(0, line.indexOf(':')).trim();
            for (String method : line.substring(line.indexOf(':') + 1).trim().split(" +")) {
                Integer size = sizes.get(type + "." + method);
                if (size == null) {
                    wrong.add(type + "." + method + ": there is no such method: bring the list up to date");
                } else if (size > INLINED) {
                    wrong.add(type + "." + method + ": " + size + " bytes of bytecode, more than " + INLINED);
                }
            }
        }
        return wrong;
    }
}
