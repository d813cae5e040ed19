/**
 * Two whole machines in lock step: the same guest on two CPU engines, compared every few thousand instructions in registers and now and
 * then in all of memory. What differs is an engine's mistake; the interpreter is the reference.
 */
package xen.toolstack.diff;
