/**
 * What survives a block driver: virtual disks, their rings, the journal of requests in flight, the queues before the machine's disks.
 *
 * <p>A request is copied from the ring once, into a {@link xen.kernel.driver.JournalEntry}, and only then shown to the driver. The driver
 * maps the pages it names and gives the whole to the disk; what reaches the disk is therefore always what the guest asked for, and a
 * driver that dies takes nothing with it: entries it had are shown to its successor, entries at the disk go on and are answered once.
 * The driver names pages and requests but touches neither, and its code runs on a thread of its own, see
 * {@link xen.kernel.driver.DriverInstance}: a turn from outside ends with {@link xen.kernel.driver.BlockCore#leave}, after which, in virtual
 * time, the driver does what it was told in it. All state is guarded by {@link xen.kernel.driver.BlockCore#lock}, which comes
 * before the core's own lock; calls come from the timeline, from the tool stack and, in real time, from the driver's thread and the I/O
 * threads. A front end's notification comes in real time on the thread of its pCPU and takes no lock: {@link xen.kernel.driver.Doorbell}.
 */
package xen.kernel.driver;
