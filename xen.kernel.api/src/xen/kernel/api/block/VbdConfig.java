package xen.kernel.api.block;

/**
 * A virtual disk as its owner describes it.
 *
 * @param device number in the guest
 * @param format name of the {@link BlockFormat}
 * @param disk name of the disk of the machine that the image lies on: its kind ("ssd", "hdd", "none"), or kind:name when there are several
 */
public record VbdConfig(int domid, int device, String format, String target, boolean readOnly, String disk, int weight, ServiceClass serviceClass,
        long deadlineNanos, int reservation, int limit) {
    public static final int DEFAULT_WEIGHT = 256;

    public static VbdConfig simple(int domid, int device, String format, String target, boolean readOnly, String disk) {
        return new VbdConfig(domid, device, format, target, readOnly, disk, DEFAULT_WEIGHT, ServiceClass.INTERACTIVE, 0, 0, 0);
    }
}
