/** Grant tables (version 1): what domains let each other, and domain 0, do with single frames. */
package xen.kernel.grant;
