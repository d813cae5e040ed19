package xen.kernel.confine;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Looks whether a class keeps to {@link DriverRights}. All that bytecode reaches it names in the constant pool, so what is not named there
 * is not used: members in references, also those behind method handles and lambdas. Classes that are only named (a type, a literal) give
 * no right: each thing done with them is a member. Monitors are refused because a thread that waits for one cannot be ended.
 */
final class Inspection {
    private static final int OLDEST = ClassFile.JAVA_8_VERSION;

    private static final String LOG = "org/slf4j/Logger";

    private final ClassModel model;
    private final Predicate<String> own;
    private final List<String> wrong = new ArrayList<>();

    private Inspection(ClassModel model, Predicate<String> own) {
        this.model = model;
        this.own = own;
    }

    /**
     * What the class does that a driver must not, in words; empty = nothing.
     *
     * @param own tells names of classes of the same bundle
     */
    static List<String> of(ClassModel model, Predicate<String> own) {
        Inspection i = new Inspection(model, own);
        i.look();
        return i.wrong;
    }

    private void look() {
        if (model.majorVersion() < OLDEST) {
            wrong.add("is compiled for a Java older than 8");
        }
        model.superclass().ifPresent(s -> extended(s.asInternalName()));
        model.interfaces().forEach(i -> extended(i.asInternalName()));
        for (PoolEntry e : model.constantPool()) {
            if (e instanceof MemberRefEntry m) {
                used(m.owner(), m.name().stringValue());
            } else if (e instanceof MethodHandleEntry h && h.reference().owner().asInternalName().equals(LOG)) {
                // the JDK would call it, with however little stack
                wrong.add("gives away the log, in a method reference to " + h.reference().name().stringValue());
            }
        }
        model.methods().forEach(this::method);
    }

    private void extended(String name) {
        if (!own.test(name) && !DriverRights.mayExtend(name)) {
            wrong.add("extends " + dotted(name));
        }
    }

    private void used(ClassEntry owner, String member) {
        String name = owner.asInternalName();
        if (own.test(name) ? !DriverRights.mayHave(member) : !DriverRights.mayUse(name, member)) {
            wrong.add("uses " + dotted(name) + "." + member);
        }
    }

    private void method(MethodModel m) {
        String name = m.methodName().stringValue();
        if (!DriverRights.mayHave(name)) {
            wrong.add("has a method " + name);
        }
        if (m.flags().has(AccessFlag.NATIVE)) {
            wrong.add("has native code: " + name);
        }
        if (m.flags().has(AccessFlag.SYNCHRONIZED) || m.code().isPresent() && m.code().get().elementStream().anyMatch(Inspection::isMonitor)) {
            wrong.add("uses a monitor (synchronized) in " + name);
        }
    }

    private static boolean isMonitor(Object e) {
        return e instanceof Instruction i && (i.opcode() == Opcode.MONITORENTER || i.opcode() == Opcode.MONITOREXIT);
    }

    private static String dotted(String name) { return name.replace('/', '.'); }
}
