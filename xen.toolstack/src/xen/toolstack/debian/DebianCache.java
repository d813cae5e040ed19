package xen.toolstack.debian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import xen.toolstack.api.ToolstackException;

/**
 * Debian's files, fetched once and kept by version: {@code files/PACKAGE_VERSION/NAME}, and beside them which version a choice stood for
 * when it was last asked, so that a filled cache needs neither apt nor network. Files appear by rename: a broken run leaves no half file.
 */
public final class DebianCache {
    /** A fetched file and where it comes from. */
    public record Item(Path file, String packageName, String version) {}

    private static final Path KEYRING = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

    private final Path folder;
    private final Consumer<String> progress;
    private final boolean refresh;
    private final String aptGet;

    /** @param refresh ask apt for the newest version even when a cached one is known */
    public DebianCache(Path folder, Consumer<String> progress, boolean refresh) { this(folder, progress, refresh, "apt-get"); }

    /** The same cache without a way to fetch: what is not in it is refused. */
    public DebianCache offline() { return new DebianCache(folder, progress, refresh, null); }

    /** @param aptGet null = nothing is fetched */
    DebianCache(Path folder, Consumer<String> progress, boolean refresh, String aptGet) {
        this.folder = folder.toAbsolutePath();
        this.progress = progress;
        this.refresh = refresh;
        this.aptGet = aptGet;
    }

    /** {@code $XDG_CACHE_HOME/xen-java} or {@code ~/.cache/xen-java}. */
    public static Path defaultFolder() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("xen-java");
    }

    public Item kernel(KernelChoice choice) {
        return remembered("kernel-" + choice.option(), "vmlinuz", () -> {
            Apt apt = ready(choice.backports ? backports() : host());
            Stanza meta = find(apt, choice.metaPackage);
            String real = meta.dependencyStartingWith("linux-image-").orElseThrow(
                    () -> ToolstackException.surroundings(choice.metaPackage + " " + meta.version() + " names no kernel package", null));
            return fetch(apt, real, "vmlinuz", p -> p.startsWith("boot/vmlinuz-"));
        });
    }

    /** The kernel's modules among {@code names}, by name, in that order; those it has built in or does not have are not there. */
    public Map<String, byte[]> modules(Item kernel, List<String> names) {
        Path folder = place(kernel.packageName, kernel.version).resolve("modules");
        Map<String, byte[]> found = new LinkedHashMap<>();
        try {
            // the note says what was looked for: a module may be missing for good
            Path note = folder.resolve(".names");
            if (!Files.exists(note) || !Files.readAllLines(note).containsAll(names)) {
                fetchModules(kernel, names, folder);
                Files.write(note, names);
            }
            for (String n : names) {
                if (Files.exists(folder.resolve(n + ".ko"))) {
                    found.put(n, Files.readAllBytes(folder.resolve(n + ".ko")));
                }
            }
            return found;
        } catch (IOException e) {
            throw ToolstackException.surroundings("cannot use the cache folder " + folder + ": " + e, e);
        }
    }

    private void fetchModules(Item kernel, List<String> names, Path target) throws IOException {
        Apt apt = ready(kernel.version.contains("~bpo") ? backports() : host());
        Path debs = folder.resolve("debian/download");
        progress.accept("fetching modules of " + kernel.packageName + " " + kernel.version);
        apt.download(kernel.packageName, kernel.version, debs);
        Path deb = downloaded(debs, kernel.packageName);
        Files.createDirectories(target);
        for (Map.Entry<String, byte[]> e : DebFile.all(deb, p -> p.endsWith(".ko") && names.contains(moduleName(p))).entrySet()) {
            Path part = Files.createTempFile(target, "module", ".part");
            Files.write(part, e.getValue());
            Files.move(part, target.resolve(moduleName(e.getKey()) + ".ko"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.delete(deb);
    }

    private static String moduleName(String path) { return path.substring(path.lastIndexOf('/') + 1).replace(".ko", ""); }

    public Item busybox() { return simple("busybox-static", "busybox", p -> p.endsWith("bin/busybox")); }

    /** GRUB's 64-bit PV image. */
    public Item grub() { return simple("grub-xen-host", "grub-x86_64-xen.bin", p -> p.endsWith("/grub-x86_64-xen.bin")); }

    private Item simple(String packageName, String file, Predicate<String> wanted) {
        return remembered(packageName, file, () -> fetch(ready(host()), packageName, file, wanted));
    }

    private interface Fetch { Item get() throws IOException; }

    private Item remembered(String key, String file, Fetch fetch) {
        Path note = folder.resolve("debian/" + key + ".properties");
        try {
            Files.createDirectories(note.getParent());
            if (!refresh && Files.exists(note)) {
                Properties p = new Properties();
                try (var in = Files.newInputStream(note)) {
                    p.load(in);
                }
                Path known = place(p.getProperty("package", ""), p.getProperty("version", "")).resolve(file);
                if (Files.isRegularFile(known)) {
                    return new Item(known, p.getProperty("package"), p.getProperty("version"));
                }
            }
            Item item = fetch.get();
            Files.writeString(note, "package=" + item.packageName + "\nversion=" + item.version.replace(":", "\\:") + "\n");
            return item;
        } catch (IOException e) {
            throw ToolstackException.surroundings("cannot use the cache folder " + folder + ": " + e, e);
        }
    }

    private Item fetch(Apt apt, String packageName, String file, Predicate<String> wanted) throws IOException {
        Stanza stanza = find(apt, packageName);
        Path place = place(packageName, stanza.version());
        Path target = place.resolve(file);
        if (!Files.isRegularFile(target)) {
            Path debs = folder.resolve("debian/download");
            progress.accept("fetching " + packageName + " " + stanza.version() + " (" + (stanza.size() + 999_999) / 1_000_000 + " MB)");
            apt.download(packageName, stanza.version(), debs);
            Path deb = downloaded(debs, packageName);
            progress.accept("unpacking " + packageName);
            byte[] content = DebFile.first(deb, wanted)
                    .orElseThrow(() -> ToolstackException.surroundings(deb + ": the package has no " + file, null));
            Files.createDirectories(place);
            Path part = Files.createTempFile(place, file, ".part");
            Files.write(part, content);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(deb);
        }
        return new Item(target, packageName, stanza.version());
    }

    private Path place(String packageName, String version) {
        return folder.resolve("debian/files").resolve(packageName + "_" + version.replace(':', '_').replace('/', '_'));
    }

    private static Path downloaded(Path debs, String packageName) throws IOException {
        try (Stream<Path> all = Files.list(debs)) {
            return all.filter(f -> f.getFileName().toString().startsWith(packageName + "_") && f.toString().endsWith(".deb")).findFirst()
                    .orElseThrow(() -> new IOException("apt-get download left no " + packageName + "_*.deb"));
        }
    }

    private Apt host() {
        if (aptGet == null) {
            throw ToolstackException.surroundings("not everything is in the cache " + folder + ", and --offline forbids to fetch it: leave --offline away once", null);
        }
        return new Apt(made("apt"), List.of(), progress, aptGet);
    }

    /** The backports suite of the mirror that the host's own sources name. */
    private Apt backports() throws IOException {
        Path own = made("apt-backports");
        Path list = own.resolve("sources.list");
        Apt host = ready(host());
        String[] main = host.repositories().stream().filter(r -> !r[1].contains("-") && r[0].contains("debian")).findFirst()
                .orElseThrow(() -> ToolstackException.surroundings("the host's apt sources name no Debian mirror" + Apt.OWN_KERNEL, null));
        String signed = Files.exists(KEYRING) ? "[signed-by=" + KEYRING + "] " : "";
        Files.writeString(list, "deb " + signed + main[0] + " " + main[1] + "-backports main\n");
        return new Apt(own, List.of("-o", "Dir::Etc::sourcelist=" + list, "-o", "Dir::Etc::sourceparts=/dev/null"), progress, aptGet);
    }

    private Path made(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw ToolstackException.surroundings("cannot make " + folder.resolve(name) + ": " + e, e);
        }
    }

    private Apt ready(Apt apt) {
        if (refresh || !apt.hasLists()) {
            apt.update();
        }
        return apt;
    }

    private Stanza find(Apt apt, String packageName) {
        Stanza stanza = apt.candidate(packageName);
        if (stanza.isEmpty()) {
            throw ToolstackException.surroundings("apt's sources have no package " + packageName + " for amd64" + Apt.OWN_KERNEL, null);
        }
        return stanza;
    }
}
