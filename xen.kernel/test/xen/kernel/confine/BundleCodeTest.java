package xen.kernel.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.Vbd;

/** Which code knows its depth, and which methods need a check at their begin. */
class BundleCodeTest {
    private static ClassModel model(Class<?> c) {
        try (InputStream in = c.getResourceAsStream("/" + c.getName().replace('.', '/') + ".class")) {
            return ClassFile.of().parse(in.readAllBytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static BundleCode code(Class<?>... classes) { return new BundleCode(Arrays.stream(classes).map(BundleCodeTest::model).toList()); }

    /** The shape of the driver: loops, maps of the JDK, a helper, the log. */
    static class Straight implements BlockBackend {
        private static final Logger LOG = LoggerFactory.getLogger(Straight.class);

        final Map<Vbd, Pages> pages = new HashMap<>();
        BlockDomain domain;

        @Override public void attach(Vbd vbd) {
            LOG.info("disk {}", vbd.device());
            pages.put(vbd, new Pages());
        }

        @Override public void detach(Vbd vbd) { pages.remove(vbd); }

        @Override public void request(BlockRequest r) {
            if (bound(r)) {
                domain.submit(r);
            }
        }

        private boolean bound(BlockRequest r) {
            for (int i = 0; i < r.segments(); i++) {
                BlockGrant g = pages.get(r.vbd()).get(r.ref(i));
                if (g == null) {
                    return false;
                }
                r.bind(i, g);
            }
            return true;
        }

        @Override public void completed(BlockRequest r) { domain.complete(r, 0); }
    }

    static final class Pages {
        private final BlockGrant[] all = new BlockGrant[8];

        BlockGrant get(int i) { return i < all.length ? all[i] : null; }
    }

    static final class RecursesByTwo {
        void even(BlockDomain d, int n) { odd(d, n - 1); }

        void odd(BlockDomain d, int n) {
            if (n == 0) {
                d.now();
            } else {
                even(d, n - 1);
            }
        }
    }

    /** Lists in lists, whose hash codes the JDK asks for by recursion, with this in the innermost. */
    static final class CalledByLists {
        BlockDomain domain;

        @Override public int hashCode() { return (int) domain.now(); }
        @Override public boolean equals(Object o) { return o == this; }
    }

    static final class CallsInLambda {
        IntUnaryOperator all(BlockDomain d) { return i -> (int) d.now() + i; }
    }

    static final class GivesItsGrantsAway {
        void close(List<BlockGrant> all) { all.forEach(BlockGrant::close); }
    }

    static class Base {
        BlockDomain domain;

        /** Nobody but the JDK sees that it is one of a stream's or an iterator's. */
        public boolean hasNext() { return domain.now() > 0; }
    }

    static final class Inherits extends Base implements java.util.Iterator<String> {
        @Override public String next() { return null; }
    }

    static final class InitCalls {
        static BlockDomain domain;

        static final class Late {
            static final long AT = domain.now();
        }
    }

    @Test void codeWithoutRecursionAndCallbacksIsStraight() { assertThat(code(Straight.class, Pages.class).straight()).isTrue(); }

    @ParameterizedTest
    @ValueSource(classes = {RecursesByTwo.class, CalledByLists.class, CallsInLambda.class, GivesItsGrantsAway.class, InitCalls.Late.class})
    void codeThatMayComeToTheCoreAtAnyDepthIsNot(Class<?> c) { assertThat(code(c).straight()).isFalse(); }

    @Test void aMethodThatASubclassMakesTheJdksIsCalledByIt() {
        assertThat(code(Base.class).straight()).isTrue();
        assertThat(code(Base.class, Inherits.class).straight()).isFalse();
        ClassModel m = model(Base.class);
        assertThat(code(Base.class, Inherits.class).entered(m, m.methods().getLast())).isTrue();
    }

    @Test void theBodyOfALambdaIsCheckedAtItsBeginWhateverOtherClassesHandOut() {
        ClassModel m = model(CallsInLambda.class);
        MethodModel body = m.methods().stream().filter(x -> x.methodName().stringValue().startsWith("lambda$")).findFirst().orElseThrow();
        assertThat(code(GivesItsGrantsAway.class, CallsInLambda.class).entered(m, body)).isTrue();
    }

    @Test void onlyMethodsThatCallOthersOfTheBundleAreCheckedAtTheirBegin() {
        BundleCode c = code(Straight.class, Pages.class);
        Stream<ClassModel> both = Stream.of(model(Straight.class), model(Pages.class));
        assertThat(both.flatMap(m -> m.methods().stream().filter(x -> c.entered(m, x))).map(x -> x.methodName().stringValue())).containsExactlyInAnyOrder("attach", "request", "bound");
    }

    @Test void codeThatIsTooLargeForItsStackIsNotStraight() {
        byte[] b = ClassFile.of().build(java.lang.constant.ClassDesc.of("Large"), c -> c.withMethodBody("m",
                java.lang.constant.MethodTypeDesc.of(java.lang.constant.ConstantDescs.CD_void), ClassFile.ACC_STATIC, m -> m.iconst_0().istore(60_000).return_()));
        assertThat(new BundleCode(List.of(ClassFile.of().parse(b))).straight()).isFalse();
    }
}
