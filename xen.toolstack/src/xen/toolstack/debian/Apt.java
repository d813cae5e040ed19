package xen.toolstack.debian;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import xen.toolstack.api.ToolstackException;

/**
 * The host's apt with a state of its own: lists and downloads live in a folder of the user's, sources and keys are the host's. Needs no
 * root and changes nothing on the host. Blocking; one thread.
 */
final class Apt {
    /** Written after every failure: what a user can do without apt. */
    static final String OWN_KERNEL = "; with a kernel of your own use: ./xen boot KERNEL --ramdisk FILE";

    private final Path folder;
    private final List<String> sources;
    private final Consumer<String> progress;
    private final String command;
    private String percent = "";

    /**
     * @param sources extra options that choose the sources; none = the host's
     * @param command the apt-get program (tests name another)
     */
    Apt(Path folder, List<String> sources, Consumer<String> progress, String command) {
        this.folder = folder;
        this.sources = List.copyOf(sources);
        this.progress = progress;
        this.command = command;
    }

    private List<String> options() throws IOException {
        Path state = folder.resolve("state");
        Path cache = folder.resolve("cache");
        Files.createDirectories(state.resolve("lists/partial"));
        Files.createDirectories(cache.resolve("archives/partial"));
        List<String> o = new ArrayList<>();
        for (String option : List.of("Dir::State=" + state, "Dir::State::status=/dev/null", "Dir::Cache=" + cache, "APT::Architecture=amd64",
                "APT::Architectures=amd64", "Acquire::Languages=none", "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
                "APT::Sandbox::User=root", "APT::Status-Fd=1", "Acquire::Retries=2")) {
            o.add("-o");
            o.add(option);
        }
        o.addAll(sources);
        return o;
    }

    /** Fetches the package lists. */
    void update() {
        progress.accept("fetching package lists");
        run(folder, "apt-get", List.of("update"), "cannot fetch Debian's package lists (no network?)");
    }

    boolean hasLists() {
        Path lists = folder.resolve("state/lists");
        try (Stream<Path> files = Files.exists(lists) ? Files.list(lists) : Stream.empty()) {
            return files.anyMatch(f -> f.getFileName().toString().contains("_Packages"));
        } catch (IOException e) {
            return false;
        }
    }

    /** The control stanza of the package's candidate version; empty if the lists have no such package. */
    Stanza candidate(String packageName) {
        return Stanza.parse(run(folder, "apt-cache", List.of("show", "--no-all-versions", packageName), null));
    }

    /** {@code repository-uri codename} of every Packages index among the sources. */
    List<String[]> repositories() {
        return run(folder, "apt-get", List.of("indextargets", "--format", "$(REPO_URI)|$(CODENAME)", "Created-By: Packages"), "")
                .lines().map(l -> l.split("\\|", -1)).filter(f -> f.length == 2).toList();
    }

    /** Downloads the exact version into {@code target}. */
    void download(String packageName, String version, Path target) {
        try {
            Files.createDirectories(target);
        } catch (IOException e) {
            throw ToolstackException.surroundings("cannot make " + target + ": " + e, e);
        }
        run(target, "apt-get", List.of("download", packageName + "=" + version), "cannot fetch " + packageName + " " + version + " (no network?)");
    }

    /** @param failure message for a failing program; null = a failure gives empty output */
    private String run(Path directory, String program, List<String> args, String failure) {
        try {
            List<String> line = new ArrayList<>();
            line.add(Path.of(command).resolveSibling(program).toString());
            line.addAll(options());
            line.addAll(args);
            Path log = Files.createTempFile(folder, "apt", ".log");
            try {
                Process process = new ProcessBuilder(line).directory(directory.toFile()).redirectError(log.toFile()).start();
                process.getOutputStream().close();
                StringBuilder out = new StringBuilder();
                try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
                    for (String l; (l = reader.readLine()) != null;) {
                        if (!status(l)) {
                            out.append(l).append('\n');
                        }
                    }
                }
                int status = process.waitFor();
                if (status == 0) {
                    return out.toString();
                }
                if (failure == null) {
                    return "";
                }
                throw ToolstackException.surroundings(failure + errors(log) + OWN_KERNEL, null);
            } finally {
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            throw ToolstackException.surroundings("'" + program + "' does not run here (" + e.getMessage()
                    + "): ./xen debian needs a host with apt" + OWN_KERNEL, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ToolstackException.surroundings("interrupted while " + program + " was running", e);
        }
    }

    /** {@code dlstatus:1:45.5:Retrieving file 1 of 1}: shown as progress. */
    private boolean status(String line) {
        if (!line.startsWith("dlstatus:") && !line.startsWith("pmstatus:")) {
            return false;
        }
        String[] part = line.split(":", 4);
        int dot = part.length > 2 ? part[2].indexOf('.') : -1;
        if (dot > 0) {
            String now = part[2].substring(0, dot) + "%";
            if (!now.equals(percent)) {
                progress.accept(percent = now);
            }
        }
        return true;
    }

    private static String errors(Path log) throws IOException {
        return Files.readAllLines(log).stream().filter(l -> l.startsWith("E:")).map(l -> l.substring(2).strip()).findFirst()
                .map(l -> ": " + l).orElse("");
    }
}
