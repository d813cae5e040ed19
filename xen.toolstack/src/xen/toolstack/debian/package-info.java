/** Debian's kernels and busybox, fetched by the host's own apt without root, and the root file system made of them. */
package xen.toolstack.debian;
