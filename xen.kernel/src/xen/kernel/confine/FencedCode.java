package xen.kernel.confine;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The code of one method on its way through {@link FenceWeaver}: first all of it is looked at, then its elements come one by one. */
final class FencedCode implements CodeTransform {
    private static final ClassDesc FENCE = ClassDesc.of("xen.kernel.api.block.DriverFence");
    private static final MethodTypeDesc CHECK = MethodTypeDesc.of(ConstantDescs.CD_void);

    /** A check that was emitted: how many instructions of the method lie before it, and where it begins and ends. */
    private record Check(int instruction, Label begin, Label end) {}

    /** Instructions before each label. */
    private final Map<Label, Integer> places = new HashMap<>();
    private final Set<Label> checked = new HashSet<>();
    private final List<ExceptionCatch> catches = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private final Predicate<InvokeInstruction> needsRoom;
    private int passed;
    private boolean begun;

    /** @param entered a check at its begin is wanted too; @param needsRoom calls that are made only with enough stack left */
    FencedCode(CodeModel code, boolean entered, Predicate<InvokeInstruction> needsRoom) {
        begun = !entered;
        this.needsRoom = needsRoom;
        int n = 0;
        for (CodeElement e : code) {
            switch (e) {
                case LabelTarget t -> places.put(t.label(), n);
                case ExceptionCatch c -> {
                    catches.add(c);
                    checked.add(c.handler());
                }
                case BranchInstruction b -> target(b.target());
                case TableSwitchInstruction s -> cases(s.cases(), s.defaultTarget());
                case LookupSwitchInstruction s -> cases(s.cases(), s.defaultTarget());
                default -> { }
            }
            n += e instanceof Instruction ? 1 : 0;
        }
    }

    private void cases(List<SwitchCase> cases, Label otherwise) {
        cases.forEach(c -> target(c.target()));
        target(otherwise);
    }

    /** Labels that were passed already lie behind: a branch there is a loop's. */
    private void target(Label l) {
        if (places.containsKey(l)) {
            checked.add(l);
        }
    }

    @Override public void accept(CodeBuilder to, CodeElement e) {
        if (!begun) {
            begun = true;
            to.invokestatic(FENCE, "enter", CHECK);
        }
        if (e instanceof ExceptionCatch) {
            return;
        }
        if (e instanceof InvokeInstruction i && needsRoom.test(i)) {
            to.invokestatic(FENCE, "room", CHECK);
        }
        to.with(e);
        if (e instanceof Instruction) {
            passed++;
        } else if (e instanceof LabelTarget t && checked.contains(t.label())) {
            Label begin = to.newBoundLabel();
            to.invokestatic(FENCE, "check", CHECK);
            checks.add(new Check(passed, begin, to.newBoundLabel()));
        }
    }

    /** The handlers, in their order, each for its range without the checks in it. */
    @Override public void atEnd(CodeBuilder to) {
        for (ExceptionCatch c : catches) {
            int from = places.get(c.tryStart()), until = places.get(c.tryEnd());
            Label begin = c.tryStart();
            for (Check k : checks) {
                if (k.instruction >= from && k.instruction < until) {
                    covers(to, c, begin, from, k.begin, k.instruction);
                    begin = k.end;
                    from = k.instruction;
                }
            }
            covers(to, c, begin, from, c.tryEnd(), until);
        }
    }

    private static void covers(CodeBuilder to, ExceptionCatch c, Label begin, int from, Label end, int until) {
        if (from < until) {
            to.exceptionCatch(begin, end, c.handler(), c.catchType());
        }
    }
}
