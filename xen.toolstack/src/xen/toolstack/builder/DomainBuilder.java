package xen.toolstack.builder;

import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.control.VcpuStart;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.image.KernelImage;
import xen.toolstack.image.XenNotes;

/**
 * Fills an empty domain (state BUILDING) with a PV kernel and sets up its vCPU 0, by the privileged calls that any tool stack would use.
 * Everything is checked before the first page is populated. Stateless; one call a domain.
 */
public final class DomainBuilder {
    /** Grant references that a domain is born with (public/grant_table.h, GNTTAB_RESERVED_*). */
    public static final int GRANT_CONSOLE = 0, GRANT_XENSTORE = 1;
    private static final int VCPU_INFO_SIZE = 64, LEGACY_VCPUS = 32, UPCALL_MASK = 1;

    private final Hypervisor hypervisor;
    private final MachineMemory memory;

    public DomainBuilder(Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
        this.memory = hypervisor.memory();
    }

    /**
     * Computes the layout, so that bad input shows before there is a domain.
     *
     * @param ramdisk contents, or null for none
     */
    public static BootLayout plan(KernelImage kernel, byte[] ramdisk, String commandLine, long pages) {
        StartInfo.commandLine(commandLine);
        return BootLayout.of(kernel, ramdisk == null ? 0 : ramdisk.length, pages);
    }

    public BuiltDomain build(int domid, KernelImage kernel, byte[] ramdisk, String commandLine, BootLayout layout) {
        long[] mfns = hypervisor.populate(domid, 0, Math.toIntExact(layout.pages()));
        loadSegments(kernel, mfns);
        fillHypercallPage(kernel, layout, mfns);
        if (ramdisk != null) {
            copyIn(mfns, layout.ramdisk() << 12, ramdisk.length, (from, to, length) -> Raw.put(to, ramdisk, from, length));
        }
        writeP2m(layout, mfns);
        layout.tables().write(pfn -> mfns[(int) pfn], memory::address, layout.p2m());

        var rings = new StartInfo.Rings(mfns[(int) layout.store()], hypervisor.allocUnbound(domid), mfns[(int) layout.console()],
                hypervisor.allocUnbound(domid));
        long sharedInfo = hypervisor.sharedInfo(domid);
        for (int i = 0; i < LEGACY_VCPUS; i++) {
            Raw.put8(memory.address(sharedInfo) + i * VCPU_INFO_SIZE + UPCALL_MASK, 1);
        }
        StartInfo.write(memory.address(mfns[(int) layout.startInfo()]), layout, sharedInfo, rings, commandLine);
        hypervisor.seedGrant(domid, GRANT_CONSOLE, rings.consoleMfn());
        hypervisor.seedGrant(domid, GRANT_XENSTORE, rings.storeMfn());

        long root = mfns[(int) layout.tables().root()];
        hypervisor.pinTable(domid, PageTableLevel.L4, root);
        hypervisor.start(domid, new VcpuStart(kernel.entry(), layout.stackTop(), layout.va(layout.startInfo()), root));
        return new BuiltDomain(domid, layout, rings.storeMfn(), rings.storePort(), rings.consoleMfn(), rings.consolePort());
    }

    private void loadSegments(KernelImage kernel, long[] mfns) {
        for (var s : kernel.segments()) {
            copyIn(mfns, s.paddr(), s.fileSize(), (from, to, length) -> kernel.copy(s, from, to, length));
        }
    }

    private void fillHypercallPage(KernelImage kernel, BootLayout layout, long[] mfns) {
        long va = kernel.notes().hypercallPage();
        if (va == XenNotes.UNSET) {
            return;
        }
        long pfn = va - layout.virtBase() >>> 12;
        if ((va & 4095) != 0 || Long.compareUnsigned(pfn, layout.end()) >= 0) {
            throw new ToolstackException(kernel.name() + ": hypercall page at 0x" + Long.toHexString(va) + " is outside the kernel's mapping");
        }
        HypercallPage.write(memory.address(mfns[(int) pfn]));
    }

    private void writeP2m(BootLayout layout, long[] mfns) {
        for (int pfn = 0; pfn < layout.pages(); pfn++) {
            Raw.put64(memory.address(mfns[(int) (layout.p2m() + (pfn >>> 9))]) + (pfn & 511) * 8L, mfns[pfn]);
        }
    }

    /** Bytes from {@code from} on, to a host address. */
    private interface Source {
        void copy(int from, long to, int length);
    }

    /** Copies {@code length} bytes to guest-physical address {@code paddr}; frames that follow each other in the host too, at once. */
    private void copyIn(long[] mfns, long paddr, int length, Source source) {
        for (int done = 0; done < length;) {
            long at = paddr + done;
            int pfn = (int) (at >>> 12);
            long host = memory.address(mfns[pfn]);
            long chunk = 4096 - (at & 4095);
            while (chunk < length - done && memory.address(mfns[++pfn]) == host + (at & 4095) + chunk) {
                chunk += 4096;
            }
            int n = (int) Math.min(length - done, chunk);
            source.copy(done, host + (at & 4095), n);
            done += n;
        }
    }
}
