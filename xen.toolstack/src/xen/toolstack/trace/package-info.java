/**
 * Traces: exits, hypercalls and blocks of all guests as lines of text with the names of the guests' kernels. Records come on the pCPUs'
 * threads and are written there, buffered, so that their order is the machine's; nothing is dropped.
 */
package xen.toolstack.trace;
