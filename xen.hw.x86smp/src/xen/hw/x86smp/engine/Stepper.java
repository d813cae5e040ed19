package xen.hw.x86smp.engine;

/**
 * Tier 0 on one CPU, called by translated code for an instruction that is not translated. State is in the frame as when translated code is left in front
 * of the instruction: {@link EngineFrame#PAGE}, {@link EngineFrame#BUDGET} with the whole block counted, {@link EngineFrame#FLAGS},
 * {@link EngineFrame#OTHER}, and the register file; and there it is afterwards.
 */
@FunctionalInterface
public interface Stepper {
    int FAULT = -1, DONE = 0, LEAVE = 1;

    /**
     * Executes instruction {@code index} of a block, no terminator.
     *
     * @return {@link #DONE}; {@link #LEAVE}: done, and tier 0 has to look at the CPU before the next instruction; {@link #FAULT}: not done, to be left
     *     to tier 0
     */
    int step(CodeBlock block, int index);
}
