package xen.kernel.confine;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeModel;

/**
 * Weaves calls of {@link xen.kernel.api.block.DriverFence} into a class: at the begin of each method, at each place that a branch
 * goes back to, at each exception handler. The checks lie outside of the ranges that the method's own handlers cover.
 *
 * <p>So fenced code ends: it cannot go round a loop, enter a method or handle an exception without a check; what a check throws leaves the
 * frame at once; and each frame has finitely many instructions between two of them. Only methods of the JDK, which are not woven, can take
 * longer.
 */
final class FenceWeaver {
    private FenceWeaver() {}

    /** @param classes finds the class files that classes name: types must be merged as the verifier does it */
    static ClassFile files(ClassHierarchyResolver classes) { return ClassFile.of(ClassHierarchyResolverOption.of(classes)); }

    static byte[] weave(ClassFile files, ClassModel model) {
        return files.transformClass(model, ClassTransform.transformingMethods(m -> m.code().isPresent(), (to, e) -> {
            if (e instanceof CodeModel code) {
                to.transformCode(code, new FencedCode(code));
            } else {
                to.with(e);
            }
        }));
    }
}
