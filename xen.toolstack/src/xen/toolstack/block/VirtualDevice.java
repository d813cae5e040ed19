package xen.toolstack.block;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import xen.toolstack.api.ToolstackException;

/** Names of virtual disks and their numbers (docs/misc/vbd-interface.txt): xvda = 51712. */
final class VirtualDevice {
    private static final Pattern NAME = Pattern.compile("(xvd|sd|hd)([a-z]{1,2})([0-9]{0,3})");
    private static final int XVD = 202 << 8, EXTENDED = 1 << 28, SD = 8 << 8;
    private static final int[] HD = {3 << 8, 22 << 8};

    private VirtualDevice() {}

    /** The nth disk of a guest: 0 = xvda. */
    public static String nth(int n) { return "xvd" + (n < 26 ? "" : (char) ('a' + n / 26 - 1)) + (char) ('a' + n % 26); }

    public static int number(String name) {
        if (name.matches("[0-9]{1,9}")) {
            return Integer.parseInt(name);
        }
        Matcher m = NAME.matcher(name);
        if (!m.matches()) {
            throw wrong(name);
        }
        int disk = 0;
        for (char c : m.group(2).toCharArray()) {
            disk = disk * 26 + c - 'a' + 1;
        }
        disk--;
        int part = m.group(3).isEmpty() ? 0 : Integer.parseInt(m.group(3));
        return switch (m.group(1)) {
            case "xvd" -> disk < 16 && part < 16 ? XVD | disk << 4 | part : part < 256 ? EXTENDED | disk << 8 | part : fail(name);
            case "sd" -> disk < 16 && part < 16 ? SD | disk << 4 | part : fail(name);
            default -> disk < 4 && part < 64 ? HD[disk / 2] | (disk & 1) << 6 | part : fail(name);
        };
    }

    private static int fail(String name) { throw wrong(name); }

    private static ToolstackException wrong(String name) {
        return new ToolstackException("vdev = '" + name + "': expected a name like xvda, sda1 or hdc");
    }
}
