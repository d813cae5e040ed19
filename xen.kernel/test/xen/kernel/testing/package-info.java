/** A machine without silicon for the core's unit tests: exits are scripted, memory and page tables are real. */
package xen.kernel.testing;
