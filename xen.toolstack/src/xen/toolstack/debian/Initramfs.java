package xen.toolstack.debian;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A root file system of busybox alone. Its /init mounts what a user expects, prints {@link #MARKER}, and gives a shell on the console,
 * or runs the given commands; then the guest powers off. It is a cpio archive, not packed: unpacking would cost the guest some ten
 * million instructions at every boot.
 */
public final class Initramfs {
    /** What front ends and root file systems need, where Debian's kernel has it as modules; in an order that can be loaded. */
    public static final List<String> MODULES = List.of("crc32c_generic", "libcrc32c", "crc16", "mbcache", "jbd2", "ext4", "xen-blkfront", "xen-netfront");

    /** First line that user space prints. */
    public static final String MARKER = "xen-init: ready";

    private static final String INIT = """
            #!/bin/sh
            export PATH=/sbin:/bin:/usr/sbin:/usr/bin HOME=/root TERM=linux
            mount -t proc proc /proc
            mount -t sysfs sysfs /sys
            mount -t devtmpfs devtmpfs /dev
            mkdir -p /dev/pts /dev/shm
            mount -t devpts devpts /dev/pts
            mount -t tmpfs tmpfs /tmp
            hostname xen
            for m in $(cat /lib/modules/order); do insmod /lib/modules/$m.ko; done
            %s
            ip link set lo up
            echo '%s'
            tty=hvc0
            [ -c /dev/$tty ] || tty=console
            # init knows the signals of poweroff, halt and reboot, and gives the terminal to what it starts
            echo "$tty::once:/etc/xen-console" >/etc/inittab
            exec busybox init
            """;

    /** Runs on the console's terminal. Whatever it runs is in the foreground: Ctrl-C would not reach background work. */
    private static final String CONSOLE = """
            #!/bin/sh
            cd /root
            # a CPU that xenstore allows is there, but off: to switch it on is udev's work elsewhere
            [ "$(cat /sys/devices/system/cpu/possible)" = 0 ] || uevent /etc/xen-uevent >/dev/null 2>&1 &
            if [ -f /etc/xen-commands ]; then
                sh /etc/xen-commands
            else
                sh -l
            fi
            sync
            poweroff -f
            """;

    /** Called for each event of the kernel's devices. */
    private static final String UEVENT = """
            #!/bin/sh
            [ "$SUBSYSTEM" = cpu ] && [ "$ACTION" = add ] && echo 1 >/sys$DEVPATH/online
            """;

    /** Goes on in the first disk, once it is there; commands come along in /run. */
    private static final String TO_DISK = """
            n=0
            while [ ! -b /dev/xvda ] && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done
            mount /dev/xvda /mnt || { echo 'xen-init: /dev/xvda cannot be mounted'; poweroff -f; }
            mount -t tmpfs tmpfs /mnt/run
            [ -f /etc/xen-commands ] && cp /etc/xen-commands /mnt/run/
            mount --move /proc /mnt/proc
            mount --move /sys /mnt/sys
            mount --move /dev /mnt/dev
            umount /tmp
            exec switch_root /mnt /sbin/init""";

    private Initramfs() {}

    /** @param commands lines for the shell, or null for an interactive shell */
    public static byte[] build(byte[] busybox, String commands) { return build(busybox, commands, Map.of(), false); }

    /**
     * @param modules kernel modules by name, in the order of loading
     * @param disk goes on with the first disk as root
     */
    public static byte[] build(byte[] busybox, String commands, Map<String, byte[]> modules, boolean disk) {
        Cpio cpio = new Cpio();
        for (String d : new String[] {"bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp", "usr/bin", "usr/sbin", "var", "mnt"}) {
            cpio.directory(d, d.equals("tmp") ? 01777 : 0755);
        }
        // the kernel opens it for process 1 before /init can mount anything
        cpio.character("dev/console", 0600, 5, 1);
        cpio.file("bin/busybox", 0755, busybox);
        for (String applet : BusyboxApplets.of(busybox)) {
            if (!applet.equals("busybox")) {
                cpio.link("bin/" + applet, "busybox");
            }
        }
        // what the kernel runs when xenstore's control/shutdown asks for it
        for (String applet : new String[] {"poweroff", "reboot"}) {
            cpio.link("sbin/" + applet, "../bin/busybox");
        }
        cpio.file("etc/passwd", 0644, text("root:x:0:0:root:/root:/bin/sh\n"));
        cpio.file("etc/group", 0644, text("root:x:0:\n"));
        cpio.file("etc/profile", 0644, text("PS1='\\w # '\n"));
        if (commands != null) {
            cpio.file("etc/xen-commands", 0644, text(commands + "\n"));
        }
        cpio.file("etc/xen-console", 0755, text(CONSOLE));
        cpio.file("etc/xen-uevent", 0755, text(UEVENT));
        modules.forEach((name, content) -> cpio.file("lib/modules/" + name + ".ko", 0644, content));
        cpio.file("lib/modules/order", 0644, text(String.join("\n", modules.keySet()) + "\n"));
        cpio.file("init", 0755, text(INIT.formatted(disk ? TO_DISK : "", MARKER)));
        return cpio.finish();
    }

    private static byte[] text(String s) { return s.getBytes(StandardCharsets.UTF_8); }
}
