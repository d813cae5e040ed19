package xen.kernel.confine;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.InterfaceMethodRefEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All classes of a driver bundle together: who calls whom. A call is to each method of the bundle that has its name and type, whatever the
 * class. A method is <em>loose</em> when the JDK may call it: the bodies of lambdas, overrides of Object's, all of classes that are something
 * of the JDK's, or have such a one as a subclass.
 *
 * <p>Two things follow. A method that calls none of the bundle's and is not loose needs no check at its begin: who calls it has one, and it
 * comes back after so many instructions. And code is <em>straight</em> when it knows its depth: nothing in it can be on the stack twice, what
 * is loose leads nowhere, and all frames together are small against a driver's stack. Other code may come to the capability with hardly
 * any stack left, so it is asked each time ({@link xen.kernel.api.block.DriverFence#room}).
 */
final class BundleCode {
    /** Of all frames, bytes; a driver's thread has a stack eight times that. */
    private static final long FRAMES = 256 << 10;
    /** Of one frame, besides its slots. */
    private static final int FRAME = 256, SLOT = 8;
    private static final String API = "xen/kernel/api/block/", LOG = "org/slf4j/Logger", INIT = "<init>", CLASS_INIT = "<clinit>";
    /** Of Object; anything may call them. */
    private static final Set<String> OBJECTS = Set.of("hashCode", "equals", "toString", "clone");
    private static final Set<String> BOOTSTRAPS = Set.of("java/lang/invoke/LambdaMetafactory", "java/lang/invoke/StringConcatFactory",
            "java/lang/runtime/ObjectMethods", "java/lang/runtime/SwitchBootstraps");

    private record Method(String owner, boolean classInit, boolean loose, long frame, List<String> calls, boolean callsCore) {}

    private final Set<String> classes, looseClasses = new HashSet<>(), handles = new HashSet<>();
    /** By {@link #key}. */
    private final Map<String, List<Method>> methods = new HashMap<>();
    private final boolean straight;

    BundleCode(Collection<ClassModel> all) {
        classes = all.stream().map(BundleCode::name).collect(Collectors.toSet());
        boolean strange = false;
        for (ClassModel c : all) {
            strange |= handles(c);
        }
        while (all.stream().anyMatch(this::loosens)) {
            // until nothing changes
        }
        all.forEach(c -> c.methods().forEach(m -> methods.computeIfAbsent(key(c, m), k -> new ArrayList<>()).add(method(c, m))));
        straight = !strange && small() && looseLeadsNowhere() && !circular() && !initCallsCore();
    }

    /** It cannot come to the capability deep in its stack. */
    boolean straight() { return straight; }

    /** Must it ask at its begin whether it is fenced? */
    boolean entered(ClassModel c, MethodModel m) {
        Method k = methods.get(key(c, m)).stream().filter(x -> x.owner.equals(name(c))).findFirst().orElseThrow();
        return k.loose || k.calls.stream().anyMatch(methods::containsKey);
    }

    /** Is that a call for which room must be made? Others' objects do so by themselves. */
    boolean needsRoom(InvokeInstruction i) { return !straight && i.owner().asInternalName().equals(LOG); }

    private static String name(ClassModel c) { return c.thisClass().asInternalName(); }

    private static String key(ClassModel c, MethodModel m) { return key(name(c), m.methodName().stringValue(), m.methodType().stringValue()); }

    private static String key(String owner, String name, String type) { return (name.equals(INIT) ? owner + "." : "") + name + type; }

    /** Notes what the class hands out as method handles. @return true when one leads to somebody else's method that is not harmless */
    private boolean handles(ClassModel c) {
        boolean strange = false;
        for (PoolEntry e : c.constantPool()) {
            if (e instanceof MethodHandleEntry h && (h.reference() instanceof MethodRefEntry || h.reference() instanceof InterfaceMethodRefEntry)) {
                MemberRefEntry m = h.reference();
                String owner = m.owner().asInternalName();
                handles.add(key(owner, m.name().stringValue(), m.type().stringValue()));
                strange |= !classes.contains(owner) && !BOOTSTRAPS.contains(owner) && (!owner.startsWith("java/") || m.name().equalsString("close"));
            }
        }
        return strange;
    }

    /** @return true when a class became loose */
    private boolean loosens(ClassModel c) {
        List<String> above = new ArrayList<>();
        c.superclass().ifPresent(s -> above.add(s.asInternalName()));
        c.interfaces().stream().map(ClassEntry::asInternalName).forEach(above::add);
        above.remove("java/lang/Object");
        boolean loose = looseClasses.contains(name(c)) || above.stream().anyMatch(a -> looseClasses.contains(a) || !classes.contains(a) && !a.startsWith(API));
        if (!loose) {
            return false;
        }
        boolean news = looseClasses.add(name(c));
        for (String a : above) {
            news |= classes.contains(a) && looseClasses.add(a);
        }
        return news;
    }

    private Method method(ClassModel c, MethodModel m) {
        String name = m.methodName().stringValue();
        boolean made = name.equals(INIT) || name.equals(CLASS_INIT);
        boolean loose = handles.contains(key(c, m)) || !made && !m.flags().has(AccessFlag.STATIC) && (looseClasses.contains(name(c)) || OBJECTS.contains(name));
        List<String> calls = new ArrayList<>();
        boolean[] core = new boolean[1];
        m.code().ifPresent(code -> code.forEach(e -> {
            if (e instanceof InvokeInstruction i) {
                String owner = i.owner().asInternalName();
                calls.add(key(owner, i.name().stringValue(), i.type().stringValue()));
                core[0] |= owner.startsWith(API) || owner.equals(LOG) || i.name().equalsString("close");
            }
        }));
        long frame = FRAME + SLOT * m.findAttribute(Attributes.code()).map(BundleCode::slots).orElse(0L);
        return new Method(name(c), name.equals(CLASS_INIT), loose, frame, calls, core[0]);
    }

    private static long slots(CodeAttribute a) { return a.maxLocals() + a.maxStack(); }

    private List<Method> all() { return methods.values().stream().flatMap(List::stream).toList(); }

    /** A class that is initialized on the way begins anew, but only once. */
    private boolean small() {
        long begins = 1 + all().stream().filter(Method::classInit).count();
        return begins * all().stream().mapToLong(Method::frame).sum() <= FRAMES;
    }

    private boolean looseLeadsNowhere() { return all().stream().noneMatch(m -> m.loose && (m.callsCore || m.calls.stream().anyMatch(methods::containsKey))); }

    private boolean circular() {
        Set<Method> open = identities(), done = identities();
        return all().stream().anyMatch(m -> circular(m, open, done));
    }

    private boolean circular(Method m, Set<Method> open, Set<Method> done) {
        if (done.contains(m)) {
            return false;
        }
        if (!open.add(m)) {
            return true;
        }
        boolean found = called(m).anyMatch(n -> circular(n, open, done));
        open.remove(m);
        done.add(m);
        return found;
    }

    private boolean initCallsCore() {
        Set<Method> seen = identities();
        return all().stream().filter(Method::classInit).anyMatch(m -> reachesCore(m, seen));
    }

    private boolean reachesCore(Method m, Set<Method> seen) { return seen.add(m) && (m.callsCore || called(m).anyMatch(n -> reachesCore(n, seen))); }

    private Stream<Method> called(Method m) { return m.calls.stream().flatMap(k -> methods.getOrDefault(k, List.of()).stream()); }

    private static Set<Method> identities() { return Collections.newSetFromMap(new IdentityHashMap<>()); }
}
