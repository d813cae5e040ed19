package xen.toolstack.domain;

import java.util.List;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.XenStore;
import xen.toolstack.builder.BuiltDomain;

/** The nodes that every domain finds in xenstore when it starts (docs/misc/xenstore-paths.txt). */
final class StoreNodes {
    private StoreNodes() {}

    static String home(int domid) { return "/local/domain/" + domid; }

    private static String vm(DomainSpec spec) { return "/vm/" + spec.uuid(); }

    static void write(XenStore store, DomainSpec spec, BuiltDomain built) {
        int domid = built.domid();
        String home = home(domid);
        String[] readable = {"n0", "r" + domid};
        store.transaction(s -> {
            s.remove(home);
            made(s, vm(spec), readable);
            value(s, vm(spec) + "/uuid", spec.uuid().toString(), readable);
            value(s, vm(spec) + "/name", spec.name(), readable);
            made(s, home, readable);
            value(s, home + "/vm", vm(spec), readable);
            value(s, home + "/name", spec.name(), readable);
            value(s, home + "/domid", Integer.toString(domid), readable);
            for (String directory : List.of("cpu", "memory", "device", "control", "console", "store")) {
                made(s, home + "/" + directory, readable);
            }
            for (String own : List.of("control/shutdown", "control/feature-poweroff", "control/feature-reboot", "control/feature-suspend",
                    "control/sysrq", "data", "drivers", "feature", "attr", "error")) {
                made(s, home + "/" + own, "n" + domid);
            }
            value(s, home + "/control/platform-feature-multiprocessor-suspend", "1", readable);
            value(s, home + "/control/platform-feature-xs_reset_watches", "1", readable);
            value(s, home + "/memory/static-max", Long.toString(spec.maxMemoryMib() << 10), readable);
            value(s, home + "/memory/target", Long.toString(spec.memoryMib() << 10), readable);
            for (int i = 0; i < spec.maxVcpus(); i++) {
                made(s, home + "/cpu/" + i, readable);
                value(s, home + "/cpu/" + i + "/availability", i < spec.vcpus() ? "online" : "offline", readable);
            }
            value(s, home + "/store/port", Integer.toString(built.storePort()), readable);
            value(s, home + "/store/ring-ref", Long.toString(built.storeMfn()), readable);
            value(s, home + "/console/port", Integer.toString(built.consolePort()), readable);
            value(s, home + "/console/ring-ref", Long.toString(built.consoleMfn()), readable);
            value(s, home + "/console/type", "xenconsoled", readable);
            value(s, home + "/console/output", "pty", readable);
            value(s, home + "/console/limit", "1048576", readable);
        });
    }

    /** Each vCPU's node says whether the guest shall have it up; only what changes is written, since each write wakes the guest. */
    static void onlineVcpus(XenStore store, DomainSpec spec, int domid, int count) {
        for (int i = 0; i < spec.maxVcpus(); i++) {
            String node = home(domid) + "/cpu/" + i + "/availability";
            String wanted = i < count ? "online" : "offline";
            if (!store.read(node).equals(java.util.Optional.of(wanted))) {
                store.write(node, wanted);
            }
        }
    }

    static void rename(XenStore store, DomainSpec spec, int domid) {
        store.write(home(domid) + "/name", spec.name());
        store.write(vm(spec) + "/name", spec.name());
    }

    static void remove(XenStore store, DomainSpec spec, int domid) {
        store.remove(home(domid));
        store.remove(vm(spec));
    }

    private static void made(XenStore s, String path, String... permissions) {
        s.mkdir(path);
        s.setPermissions(path, permissions);
    }

    private static void value(XenStore s, String path, String value, String... permissions) {
        s.write(path, value);
        s.setPermissions(path, permissions);
    }
}
