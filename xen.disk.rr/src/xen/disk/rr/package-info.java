/** Batch round robin, the disk scheduler of the first Xen. */
package xen.disk.rr;
