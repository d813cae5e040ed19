/** Small parts that several schedulers need; every bundle carries its own copy. */
package xen.sched.shared;
