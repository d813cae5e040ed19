/** Disks of the machine: images ({@link xen.kernel.api.block.BlockFormat}) and how long they take ({@link xen.kernel.api.block.DiskModel}). */
package xen.hw.disk;
