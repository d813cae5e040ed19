package xen.kernel.driver;

import java.util.Locale;

/** What a driver instance is told. */
enum Call {
    START, ATTACH, DETACH, REQUEST, COMPLETED, ALIVE, STOP;

    /** For reports. */
    String word() { return name().toLowerCase(Locale.ROOT); }
}
