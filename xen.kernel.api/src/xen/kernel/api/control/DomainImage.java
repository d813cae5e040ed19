package xen.kernel.api.control;

/**
 * A domain as {@link Hypervisor#capture} found it, without the contents of its frames: those are in machine memory while the capture's
 * consumer runs. Whoever keeps it in a file keeps all of it; {@link Hypervisor#restore} trusts none of it.
 *
 * @param domid its number then
 * @param vcpus how many vCPUs it was made with
 * @param sharedInfo its shared_info, one of its frames
 * @param mfns its frames, ascending
 * @param pfns what the machine-to-physical table said of each
 * @param kinds of each: the level of the page table it was in force as (0 = none), and the flags below
 * @param settled no vCPU was in the middle of anything: each was blocked or down, so that the guest kernel has no frame number in a
 *         register or on its way into a table, and frames may get other numbers
 * @param state everything else, in the core's own form
 */
public record DomainImage(int domid, int vcpus, long sharedInfo, long[] mfns, long[] pfns, byte[] kinds, boolean settled, byte[] state) {
    public static final int LEVEL = 7, PINNED = 8, SPECIAL = 16, GIVEN_BACK = 32;

    public DomainImage {
        if (mfns.length != pfns.length || mfns.length != kinds.length) {
            throw new IllegalArgumentException("a domain image of " + mfns.length + " frames, " + pfns.length + " pfns and " + kinds.length + " kinds");
        }
    }
}
