package xen.kernel.confine;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;

/**
 * Weaves calls of {@link xen.kernel.api.block.DriverFence} into a class: at the begin of each method that may call others of the bundle or
 * be called by the JDK ({@link BundleCode}), at each place that a branch goes back to, at each exception handler. The checks lie outside of
 * the ranges that the method's own handlers cover.
 *
 * <p>So fenced code ends: it cannot go round a loop, enter such a method or handle an exception without a check; what a check throws leaves the
 * frame at once; and each frame has finitely many instructions between two of them. Only methods of the JDK, which are not woven, can take
 * longer.
 */
final class FenceWeaver {
    private FenceWeaver() {}

    /** @param classes finds the class files that classes name: types must be merged as the verifier does it */
    static ClassFile files(ClassHierarchyResolver classes) { return ClassFile.of(ClassHierarchyResolverOption.of(classes)); }

    /** @param bundle what it is a part of */
    static byte[] weave(ClassFile files, ClassModel model, BundleCode bundle) {
        return files.transformClass(model, (to, e) -> {
            if (e instanceof MethodModel m && m.code().isPresent()) {
                boolean entered = bundle.entered(model, m);
                to.transformMethod(m, MethodTransform.transformingCode(CodeTransform.ofStateful(() -> new FencedCode(m.code().get(), entered, bundle::needsRoom))));
            } else {
                to.with(e);
            }
        });
    }
}
