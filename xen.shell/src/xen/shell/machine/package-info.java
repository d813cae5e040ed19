/** The machine that a shell works with: how it is configured (PID {@code xen.machine}), and its power switch. */
package xen.shell.machine;
