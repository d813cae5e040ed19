/**
 * The core's centre: the machine that is on, its domains and vCPUs, and the privileged interface to them. Every subject (memory, events,
 * traps, time, scheduling, grants) is a package of its own with one part object per domain or vCPU; this package ties them together.
 */
package xen.kernel.core;
