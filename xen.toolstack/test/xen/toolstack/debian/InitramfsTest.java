package xen.toolstack.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;

class InitramfsTest {
    private static final byte[] BUSYBOX = ("ELF..rodata\0usage\0[\0[[\0acpid\0ash\0cat\0dmesg\0echo\0getty\0ls\0mount\0mkdir\0\0other\0")
            .replace("mount\0mkdir", "mkdir\0mount\0poweroff\0reboot\0sh\0sleep\0uname").getBytes(StandardCharsets.ISO_8859_1);

    private static Map<String, CpioArchiveEntry> entries(byte[] cpio, Map<String, byte[]> contents) throws IOException {
        Map<String, CpioArchiveEntry> result = new LinkedHashMap<>();
        try (var in = new CpioArchiveInputStream(new ByteArrayInputStream(cpio))) {
            for (CpioArchiveEntry e; (e = in.getNextEntry()) != null;) {
                result.put(e.getName(), e);
                contents.put(e.getName(), in.readAllBytes());
            }
        }
        return result;
    }

    @Test void itHoldsInitBusyboxItsLinksAndAConsole() throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        Map<String, CpioArchiveEntry> e = entries(Initramfs.build(BUSYBOX, null), contents);
        assertThat(e.get("init").getMode() & 0777).isEqualTo(0755);
        assertThat(new String(contents.get("init"), StandardCharsets.UTF_8)).startsWith("#!/bin/sh\n").contains(Initramfs.MARKER);
        assertThat(contents.get("bin/busybox")).isEqualTo(BUSYBOX);
        assertThat(e.get("bin/ls").isSymbolicLink()).isTrue();
        assertThat(new String(contents.get("bin/ls"), StandardCharsets.UTF_8)).isEqualTo("busybox");
        assertThat(e.get("dev/console").isCharacterDevice()).isTrue();
        assertThat(e.get("dev/console").getRemoteDeviceMaj()).isEqualTo(5);
        assertThat(e.get("dev/console").getRemoteDeviceMin()).isEqualTo(1);
        assertThat(e.get("tmp").getMode() & 07777).isEqualTo(01777);
        assertThat(e).doesNotContainKey("etc/xen-commands");
    }

    @Test void aFolderComesBeforeWhatIsInIt() throws IOException {
        List<String> names = List.copyOf(entries(Initramfs.build(BUSYBOX, "id"), new LinkedHashMap<>()).keySet());
        assertThat(names).doesNotHaveDuplicates();
        for (String n : names) {
            if (n.contains("/")) {
                assertThat(names.indexOf(n.substring(0, n.lastIndexOf('/')))).as(n).isBetween(0, names.indexOf(n) - 1);
            }
        }
    }

    @Test void commandsAreAFileOfTheirOwnSoThatNoQuotingIsNeeded() throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        entries(Initramfs.build(BUSYBOX, "echo 'a \"b\"' $X"), contents);
        assertThat(new String(contents.get("etc/xen-commands"), StandardCharsets.UTF_8)).isEqualTo("echo 'a \"b\"' $X\n");
    }

    @Test void theSameInputGivesTheSameBytes() {
        assertThat(Initramfs.build(BUSYBOX, "id")).isEqualTo(Initramfs.build(BUSYBOX, "id"));
    }

    @Test void appletNamesAreReadFromTheBinary() {
        assertThat(BusyboxApplets.of(BUSYBOX)).startsWith("[", "[[", "acpid").contains("sh").doesNotContain("other", "usage");
    }

    @Test void anUnknownBinaryGetsTheFewLinksThatInitNeeds() { assertThat(BusyboxApplets.of(new byte[100])).contains("sh", "mount", "poweroff"); }
}
