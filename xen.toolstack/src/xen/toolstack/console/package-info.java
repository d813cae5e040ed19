/** The PV console's back end and the log of what guests printed. */
package xen.toolstack.console;
