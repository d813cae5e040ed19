package xen.kernel.save;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads out of the class files which fields a domain's state consists of, and which of them code of a given kind touches. */
final class StateFields {
    private static final String CORE = "xen.kernel.";

    private final Map<String, ClassModel> models = new HashMap<>();

    private record Method(String owner, String name, String type) {}

    /** Mutable instance fields of the class and of all parts of the core that it has, as {@code Class.field}; {@code ends} are not looked into. */
    Set<String> mutable(List<Class<?>> roots, Set<String> ends) {
        Set<String> fields = new TreeSet<>();
        Set<Class<?>> seen = new HashSet<>();
        Deque<Class<?>> todo = new ArrayDeque<>(roots);
        while (!todo.isEmpty()) {
            Class<?> c = todo.pop();
            if (ends.contains(nested(c)) || !seen.add(c)) {
                continue;
            }
            for (Field f : c.getDeclaredFields()) {
                if (Modifier.isStatic(f.getModifiers()) || f.isSynthetic()) {
                    continue;
                }
                Class<?> part = f.getType().isArray() ? f.getType().componentType() : f.getType();
                boolean ours = part.getName().startsWith(CORE) && !part.isInterface() && !part.isEnum() && !part.getName().startsWith("xen.kernel.api.");
                if (ours) {
                    todo.push(part);
                }
                boolean fixed = Modifier.isFinal(f.getModifiers()) && (f.getType().isPrimitive() || ours && !f.getType().isArray() || ends.contains(nested(part))
                        || part.getName().startsWith("xen.kernel.api.") && part.isRecord());
                if (!fixed && !ends.contains(nested(part))) {
                    fields.add(c.getSimpleName() + "." + f.getName());
                }
            }
        }
        return fields;
    }

    private static String nested(Class<?> c) { return c.getName().substring(c.getName().lastIndexOf('.') + 1); }

    /** Fields that methods of that name in the given classes touch, directly or in what they call of the core, up to {@code depth} calls away. */
    Set<String> touched(Map<Class<?>, Set<String>> methods, int depth) {
        Set<String> fields = new TreeSet<>();
        Set<Method> seen = new HashSet<>();
        Set<Method> level = new HashSet<>();
        methods.forEach((c, names) -> model(c.getName()).methods().stream().filter(m -> names.contains(m.methodName().stringValue()))
                .forEach(m -> level.add(new Method(c.getName(), m.methodName().stringValue(), m.methodType().stringValue()))));
        for (int d = 0; d <= depth; d++) {
            Set<Method> next = new HashSet<>();
            level.stream().filter(seen::add).forEach(m -> look(m, fields, next));
            level.clear();
            level.addAll(next);
        }
        return fields;
    }

    private void look(Method m, Set<String> fields, Set<Method> calls) {
        if (!m.owner.startsWith(CORE) || m.owner.startsWith("xen.kernel.api.")) {
            return;
        }
        model(m.owner).methods().stream().filter(x -> x.methodName().equalsString(m.name) && x.methodType().equalsString(m.type)).findFirst()
                .flatMap(MethodModel::code).ifPresent(code -> code.forEach(e -> {
                    switch (e) {
                        case FieldInstruction f -> fields.add(simple(f.owner().asInternalName()) + "." + f.name().stringValue());
                        case InvokeInstruction i -> calls.add(new Method(i.owner().asInternalName().replace('/', '.'), i.name().stringValue(), i.type().stringValue()));
                        case InvokeDynamicInstruction i -> i.bootstrapArgs().forEach(a -> {
                            if (a instanceof DirectMethodHandleDesc h) {
                                // a lambda belongs to the method that it stands in
                                look(new Method(h.owner().descriptorString().replaceAll("^L|;$", "").replace('/', '.'), h.methodName(), h.lookupDescriptor()), fields, calls);
                            }
                        });
                        default -> { }
                    }
                }));
    }

    private static String simple(String internal) { return internal.substring(Math.max(internal.lastIndexOf('/'), internal.lastIndexOf('$')) + 1); }

    private ClassModel model(String name) {
        return models.computeIfAbsent(name, n -> {
            try (InputStream in = StateFields.class.getResourceAsStream("/" + n.replace('.', '/') + ".class")) {
                return ClassFile.of().parse(in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
