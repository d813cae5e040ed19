/** Images that disks are made of (raw, qcow2, memory) and models of how long a disk takes. */
package xen.hw.disk;
