package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Exit;

/**
 * The run loop of one instruction at a time: RFLAGS.TF is set, or {@link SlowAccess} has to look at each access. Translated code has no
 * part in it.
 */
final class SlowRun {
    private SlowRun() {}

    /** Runs until an exit, or until the ordinary loop can go on, which is -1. */
    static int run(InterpreterCpu c) {
        c.tag = c.tagOf(c.vcpu());
        c.forgetTraps();
        boolean shadow = false;
        while (c.exit < 0) {
            if (c.remaining == 0) {
                return Exit.BUDGET;
            }
            if (c.takeAttention()) {
                return Exit.ATTENTION;
            }
            if (!shadow && c.stopsAt(c.rip)) {
                return c.debugTrap();
            }
            boolean stepping = c.stepping();
            c.other &= ~LazyFlags.RF;
            int result = c.one();
            if (result != Exit.BUDGET) {
                c.takeShadow();
                return result;
            }
            shadow = c.takeShadow();
            if (!shadow && c.trapsBehind(stepping)) {
                return c.debugTrap();
            }
            if (!c.slow()) {
                c.tag = c.tagOf(c.vcpu());
                return -1;
            }
        }
        return c.exit;
    }
}
