package xen.kernel.core;

import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.hypercall.Errno;

/** The machine's CPU engine is exchanged with all CPUs between two instructions; a refused name changes nothing. */
final class EngineSwap {
    private EngineSwap() { }

    /** EINVAL, with the engines there are, when the machine has none of that name. */
    static SwapReport run(Core c, String name) {
        IllegalArgumentException[] refused = new IllegalArgumentException[1];
        String from = c.board().engine();
        long[] pause = new long[1];
        c.dispatcher.quiesced(() -> {
            long begin = System.nanoTime();
            try {
                c.board().engine(name);
                c.engine = name;
            } catch (IllegalArgumentException e) {
                refused[0] = e;
            }
            pause[0] = System.nanoTime() - begin;
        });
        if (refused[0] != null) {
            throw new HypervisorException(Errno.EINVAL, refused[0].getMessage());
        }
        SwapReport r = new SwapReport(from, c.board().engine(), pause[0], c.domains().stream().mapToInt(d -> d.vcpus().size()).sum());
        c.log.say("engine " + r.from() + " -> " + r.to() + ": paused for " + pause[0] / 1000 + " us");
        return r;
    }
}
