package xen.kernel.api.domain;

/** Xen's runstates, in the numbering of the ABI (RUNSTATE_*). */
public enum RunState { RUNNING, RUNNABLE, BLOCKED, OFFLINE }
