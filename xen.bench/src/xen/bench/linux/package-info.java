/** What programs inside a Linux guest cost: one guest of ours and one bare in QEMU, doing the same work in turns. */
package xen.bench.linux;
