package xen.toolstack.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import xen.toolstack.api.ToolstackException;

/** With an apt of our own: two shell scripts that answer from a folder and write down how they were called. */
class DebianCacheTest {
    @TempDir Path dir;
    private final List<String> progress = new ArrayList<>();

    @BeforeEach void makeApt() throws IOException {
        Path bin = Files.createDirectories(dir.resolve("bin"));
        script(bin.resolve("apt-get"), """
                echo "get $*" >> %1$s/calls
                state=$(echo "$*" | sed 's/.*Dir::State=\\([^ ]*\\).*/\\1/')
                case "$*" in
                *" update") [ -f %1$s/offline ] && { echo 'E: Could not resolve host' >&2; exit 100; }; touch $state/lists/x_Packages ;;
                *" download "*) [ -f %1$s/offline ] && { echo 'E: no route' >&2; exit 100; }
                  echo 'dlstatus:1:50.5:Retrieving file 1 of 1'
                  for last; do :; done; cp %1$s/package.deb "${last%%%%=*}_1_amd64.deb" ;;
                esac
                """.formatted(dir));
        script(bin.resolve("apt-cache"), """
                for last; do :; done
                case $last in
                linux-image-cloud-amd64) printf 'Package: linux-image-cloud-amd64\\nVersion: 6.1.9-1\\nDepends: linux-image-6.1.0-9-cloud-amd64 (= 6.1.9-1)\\nDescription: meta\\n more\\n' ;;
                linux-image-6.1.0-9-cloud-amd64) printf 'Package: x\\nVersion: 6.1.9-1\\nSize: 27000000\\n\\nPackage: x\\nVersion: 5\\n' ;;
                busybox-static) printf 'Package: busybox-static\\nVersion: 1:1.35.0-4\\nSize: 900000\\n' ;;
                *) exit 100 ;;
                esac
                """);
        Files.write(dir.resolve("package.deb"), deb());
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static byte[] deb() throws IOException {
        var data = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new XZOutputStream(data, new LZMA2Options(1)))) {
            for (String name : List.of("./boot/config-6.1", "./boot/vmlinuz-6.1.0-9-cloud-amd64", "./bin/busybox")) {
                byte[] content = name.getBytes(StandardCharsets.US_ASCII);
                TarArchiveEntry e = new TarArchiveEntry(name);
                e.setSize(content.length);
                tar.putArchiveEntry(e);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        var out = new ByteArrayOutputStream();
        try (var ar = new ArArchiveOutputStream(out)) {
            for (String name : List.of("debian-binary", "control.tar.xz", "data.tar.xz")) {
                byte[] content = name.startsWith("data") ? data.toByteArray() : "2.0\n".getBytes(StandardCharsets.US_ASCII);
                ar.putArchiveEntry(new ArArchiveEntry(name, content.length));
                ar.write(content);
                ar.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    private DebianCache cache(boolean refresh) {
        return new DebianCache(dir.resolve("cache"), progress::add, refresh, dir.resolve("bin/apt-get").toString());
    }

    @Test void theMetaPackageIsFollowedToTheKernel() throws IOException {
        DebianCache.Item kernel = cache(false).kernel(KernelChoice.CLOUD);
        assertThat(kernel.packageName()).isEqualTo("linux-image-6.1.0-9-cloud-amd64");
        assertThat(kernel.version()).isEqualTo("6.1.9-1");
        assertThat(Files.readString(kernel.file())).isEqualTo("./boot/vmlinuz-6.1.0-9-cloud-amd64");
        assertThat(progress).contains("fetching package lists", "fetching linux-image-6.1.0-9-cloud-amd64 6.1.9-1 (27 MB)", "50%");
        assertThat(cache(false).busybox().version()).isEqualTo("1:1.35.0-4");
    }

    @Test void aFilledCacheNeedsNeitherAptNorNetwork() throws IOException {
        DebianCache.Item kernel = cache(false).kernel(KernelChoice.CLOUD);
        DebianCache.Item busybox = cache(false).busybox();
        Files.delete(dir.resolve("bin/apt-get"));
        Files.delete(dir.resolve("bin/apt-cache"));
        assertThat(cache(false).kernel(KernelChoice.CLOUD)).isEqualTo(kernel);
        assertThat(cache(false).busybox()).isEqualTo(busybox);
    }

    @Test void offlineTakesWhatIsThereAndFetchesNothing() throws IOException {
        assertThatThrownBy(() -> cache(false).offline().busybox()).isInstanceOf(ToolstackException.class).hasMessageContaining("--offline");
        DebianCache.Item busybox = cache(false).busybox();
        assertThat(cache(false).offline().busybox()).isEqualTo(busybox);
    }

    @Test void aptWorksInAStateOfItsOwn() throws IOException {
        cache(false).busybox();
        assertThat(Files.readAllLines(dir.resolve("calls"))).isNotEmpty()
                .allSatisfy(l -> assertThat(l).contains("Dir::State=" + dir.resolve("cache/apt/state")).contains("Dir::Cache=" + dir.resolve("cache/apt/cache")));
    }

    @Test void updateAsksAgainAndKeepsWhatIsTheSameVersion() throws IOException {
        cache(false).busybox();
        cache(true).busybox();
        List<String> calls = Files.readAllLines(dir.resolve("calls"));
        assertThat(calls.stream().filter(l -> l.endsWith(" update"))).hasSize(2);
        assertThat(calls.stream().filter(l -> l.contains(" download "))).hasSize(1);
    }

    @Test void withoutNetworkTheMessageNamesTheWayOut() throws IOException {
        Files.createFile(dir.resolve("offline"));
        assertThatThrownBy(() -> cache(false).busybox()).isInstanceOf(ToolstackException.class).hasMessageContaining("no network?")
                .hasMessageContaining("Could not resolve host").hasMessageContaining("./xen boot KERNEL")
                .satisfies(e -> assertThat(((ToolstackException) e).status()).isEqualTo(1));
    }

    @Test void withoutAptTheMessageNamesTheWayOut() throws IOException {
        Files.delete(dir.resolve("bin/apt-get"));
        assertThatThrownBy(() -> cache(false).busybox()).hasMessageContaining("needs a host with apt").hasMessageContaining("./xen boot KERNEL");
    }

    @Test void aPackageThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> cache(false).kernel(KernelChoice.GENERIC)).hasMessageContaining("no package linux-image-amd64");
    }

    @Test void aDamagedPackageIsNamedAndNothingIsKept() throws IOException {
        Files.write(dir.resolve("package.deb"), new byte[200]);
        assertThatThrownBy(() -> cache(false).busybox()).hasMessageContaining("cannot unpack the Debian package");
        assertThatThrownBy(() -> cache(false).busybox()).hasMessageContaining("cannot unpack");
    }

    @Test void onlyKnownKernelsCanBeChosen() {
        assertThat(KernelChoice.of("backports-generic")).isEqualTo(KernelChoice.BACKPORTS_GENERIC);
        assertThatThrownBy(() -> KernelChoice.of("bsd")).hasMessageContaining("--kernel bsd").hasMessageContaining("cloud, generic, backports");
    }
}
