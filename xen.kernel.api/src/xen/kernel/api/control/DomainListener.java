package xen.kernel.api.control;

import xen.kernel.api.domain.Domain;

/** Told of changes in domains' lives, on the timeline (never with the core's lock held). */
public interface DomainListener {
    /** The domain powered off, asked for a reboot, suspended or crashed (VIRQ_DOM_EXC). */
    default void shutdown(Domain domain) {}

    /** The domain is gone. */
    default void destroyed(Domain domain) {}

    /** Text from console_io. */
    default void consoleIo(Domain domain, byte[] text) {}
}
