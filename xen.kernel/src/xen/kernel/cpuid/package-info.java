/** What a PV guest may know of the CPU: the board's answers, filtered, plus Xen's own leaves. */
package xen.kernel.cpuid;
