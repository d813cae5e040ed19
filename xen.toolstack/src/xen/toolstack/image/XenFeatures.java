package xen.toolstack.image;

import java.util.ArrayList;
import java.util.List;
import xen.toolstack.api.ToolstackException;

/** XENFEAT_* names of the FEATURES note; a kernel that requires ({@code !name}) what a PV domain here does not have is refused. */
final class XenFeatures {
    private static final List<String> NAMES = List.of("writable_page_tables", "writable_descriptor_tables", "auto_translated_physmap",
            "supervisor_mode_kernel", "pae_pgdir_above_4gb");
    /** What this core offers to PV domains. */
    private static final List<String> OFFERED = List.of("writable_page_tables", "writable_descriptor_tables", "pae_pgdir_above_4gb");

    private XenFeatures() {}

    static void check(String file, XenNotes notes) {
        List<String> missing = new ArrayList<>();
        for (String feature : notes.features().split("\\|")) {
            if (feature.startsWith("!") && !OFFERED.contains(feature.substring(1))) {
                missing.add(feature.substring(1));
            }
        }
        if (!missing.isEmpty()) {
            throw new ToolstackException(file + ": the kernel requires " + String.join(", ", missing)
                    + (NAMES.containsAll(missing) ? ", which PV domains do not have here" : " (unknown to Xen)"));
        }
        String version = notes.xenVersion();
        if (!version.isEmpty() && !version.startsWith("xen-3.")) {
            throw new ToolstackException(file + ": made for '" + version + "', not for the xen-3.0 interface");
        }
    }
}
