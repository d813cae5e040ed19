/**
 * The block driver under load without a guest: how fast it is ({@link xen.bench.disk.BackEnd}), what it does with drivers that fail
 * ({@link xen.bench.disk.FaultsCommand}) and with front ends that lie ({@link xen.bench.disk.BlkFuzz}). A ring is driven from Java on a
 * made-up machine in virtual time; everything behind the ring is the real thing.
 */
package xen.bench.disk;
