package xen.kernel.api.domain;

/** SHUTDOWN_* of the ABI, in its numbering. */
public enum ShutdownReason { POWEROFF, REBOOT, SUSPEND, CRASH, WATCHDOG, SOFT_RESET }
