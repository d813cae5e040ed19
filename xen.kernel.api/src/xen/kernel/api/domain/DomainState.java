package xen.kernel.api.domain;

/**
 * Life of a domain. Legal: BUILDING to RUNNING or DYING; RUNNING and PAUSED to each other; both to SHUTDOWN (guest asked, or it
 * crashed) or DYING (destroyed); SHUTDOWN to DYING; DYING ends with the domain's removal.
 */
public enum DomainState { BUILDING, RUNNING, PAUSED, SHUTDOWN, DYING }
