/** Event channels in the 2-level form, the words of shared_info and vcpu_info they live in, and domain 0's ports with Java callbacks. */
package xen.kernel.event;
