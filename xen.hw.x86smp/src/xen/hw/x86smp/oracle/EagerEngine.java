package xen.hw.x86smp.oracle;

import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Stepper;
import xen.hw.x86smp.engine.Surroundings;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.engine.WideExchange;

/** An engine that translates at the first execution, so that short cases reach its code. For tests, of other bundles too. */
public record EagerEngine(Engine engine) implements Engine {

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public Translator attach() throws UnavailableException {
        return new Eager(engine.attach());
    }

    private record Eager(Translator to) implements Translator {
        @Override
        public int threshold() {
            return 1;
        }

        @Override
        public boolean translate(CodeBlock block, Surroundings near) {
            return to.translate(block, near);
        }

        @Override
        public void begin(long frame, Stepper stepper) {
            to.begin(frame, stepper);
        }

        @Override
        public boolean takesCrossing() {
            return to.takesCrossing();
        }

        @Override
        public WideExchange wideExchange() {
            return to.wideExchange();
        }

        @Override
        public int run(long frame, long entry) {
            return to.run(frame, entry);
        }

        @Override
        public ExitPoint exit(int id) {
            return to.exit(id);
        }

        @Override
        public void link(ExitPoint from, CodeBlock target) {
            to.link(from, target);
        }

        @Override
        public void reset() {
            to.reset();
        }

        @Override
        public long codeBytes() {
            return to.codeBytes();
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
