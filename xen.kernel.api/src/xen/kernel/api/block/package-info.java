/**
 * Block devices: disks of the machine, their schedulers, and the driver domain that serves them to guests.
 *
 * <p>Who owns what: the core owns the rings, the journal of requests in flight, the queue before each disk, weights and service classes.
 * Plugins bring formats of images ({@link xen.kernel.api.block.BlockFormat}), timing ({@link xen.kernel.api.block.DiskModelFactory}),
 * the order of requests ({@link xen.kernel.api.block.DiskScheduler}) and the back end ({@link xen.kernel.api.block.BlockDriver}). Each
 * of them may go at any time; what it held is rebuilt from what the core has.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.block;
