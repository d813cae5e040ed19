/**
 * Images of the qcow2 format, versions 2 and 3, as QEMU's docs/interop/qcow2.txt describes them.
 *
 * <p>{@link xen.hw.disk.qcow2.Qcow2Image} maps guest clusters to clusters of the file through two levels of tables
 * ({@link xen.hw.disk.qcow2.Mapping}); {@link xen.hw.disk.qcow2.Refcounts} knows which clusters of the file are in use. Both are changed in
 * memory and written by a flush of the guest, in an order that a crash at any point survives: data and counts first, then tables that
 * point to them, then what points to the tables; a cluster is free again only when nothing on the disk points to it any more. So a crash
 * leaves clusters that are counted and not used, at worst.
 *
 * <p>Nothing in a file is believed: each offset is checked where it is used, and a write never goes where tables are.
 */
package xen.hw.disk.qcow2;
