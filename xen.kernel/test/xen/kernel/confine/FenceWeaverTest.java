package xen.kernel.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import xen.kernel.api.block.DriverFence;

/** Woven code does what it did, and ends when it is fenced. */
@Timeout(60)
class FenceWeaverTest {
    private static final ClassFile FILES = FenceWeaver.files(ClassHierarchyResolver.defaultResolver());
    private static final long LIMIT_MILLIS = 20_000;

    /** Defines classes of a name and below it, woven. */
    private static final class Woven extends ClassLoader {
        private final String below;

        Woven(String below) {
            super(FenceWeaverTest.class.getClassLoader());
            this.below = below;
        }

        @Override protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            return name.startsWith(below) && findLoadedClass(name) == null ? define(name, bytes(name)) : super.loadClass(name, resolve);
        }

        Class<?> define(String name, byte[] bytes) {
            byte[] b = weave(bytes);
            return defineClass(name, b, 0, b.length);
        }

        private static byte[] bytes(String name) {
            try (InputStream in = FenceWeaverTest.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
                return in.readAllBytes();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static byte[] weave(byte[] bytes) {
        ClassModel m = FILES.parse(bytes);
        return FenceWeaver.weave(FILES, m, new BundleCode(List.of(m)));
    }

    private static <T> T make(Class<?> c, Class<T> type) throws ReflectiveOperationException {
        var constructor = c.getDeclaredConstructor();
        constructor.setAccessible(true);
        return type.cast(constructor.newInstance());
    }

    private static Stream<Class<?>> hangs() { return Arrays.stream(Hangs.class.getDeclaredClasses()).sorted((a, b) -> a.getName().compareTo(b.getName())); }

    @ParameterizedTest
    @MethodSource("hangs")
    void whatDoesNotComeBackEndsWhenItIsFenced(Class<?> hang) throws Exception {
        ends(make(new Woven(Hangs.class.getName()).loadClass(hang.getName(), true), Runnable.class));
    }

    /** What no compiler makes: a handler that handles what it throws itself, with the loop in it. */
    @Test void aHandlerThatCoversItselfIsLeftToo() throws Exception {
        ClassDesc name = ClassDesc.of("xen.kernel.confine.MadeUp");
        byte[] bytes = ClassFile.of().build(name, c -> c.withInterfaceSymbols(ClassDesc.of("java.lang.Runnable"))
                .withMethodBody("<init>", MethodTypeDesc.of(ConstantDescs.CD_void), ClassFile.ACC_PUBLIC,
                        m -> m.aload(0).invokespecial(ConstantDescs.CD_Object, "<init>", MethodTypeDesc.of(ConstantDescs.CD_void)).return_())
                .withMethodBody("run", MethodTypeDesc.of(ConstantDescs.CD_void), ClassFile.ACC_PUBLIC, m -> {
                    Label start = m.newBoundLabel();
                    m.aconst_null().athrow();
                    Label handler = m.newBoundLabel();
                    m.pop().aconst_null().athrow();
                    m.exceptionCatchAll(start, m.newBoundLabel(), handler);
                }));
        ends(make(new Woven("none").define("xen.kernel.confine.MadeUp", bytes), Runnable.class));
    }

    private static void ends(Runnable hang) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Throwable[] end = new Throwable[1];
        Thread t = Thread.ofPlatform().daemon().start(() -> {
            begun.countDown();
            try {
                hang.run();
            } catch (Throwable x) {
                end[0] = x;
            }
        });
        begun.await();
        Thread bystander = Thread.currentThread();
        DriverFence.check();
        assertThat(t.join(java.time.Duration.ofMillis(20))).as("it ended by itself").isFalse();
        DriverFence.raise(t);
        t.interrupt();
        t.join(LIMIT_MILLIS);
        boolean alive = t.isAlive();
        DriverFence.lower(t);
        assertThat(alive).as("still runs").isFalse();
        // a monitor that is left by a check counts as an error of its own; drivers may have none
        assertThat(DriverFence.ended(end[0]) || end[0] instanceof IllegalMonitorStateException).as("ended by %s", end[0]).isTrue();
        assertThat(bystander.isInterrupted()).isFalse();
    }

    /** Something with all of the language's flow in it. */
    static final class Work implements java.util.function.LongSupplier {
        @Override public long getAsLong() {
            long sum = 0;
            for (int i = 0; i < 1000; i++) {
                try {
                    sum += switch (i % 5) {
                        case 0 -> throw new IllegalStateException("x" + i);
                        case 1 -> i;
                        case 2 -> Long.parseLong(i % 2 == 0 ? "12" : "no");
                        default -> nested(i);
                    };
                } catch (NumberFormatException e) {
                    sum += 1000;
                } catch (IllegalStateException e) {
                    sum += e.getMessage().length();
                } finally {
                    sum ^= i;
                }
            }
            return sum;
        }

        private long nested(int n) {
            synchronized (this) {
                int k = 0;
                do {
                    Object o = k % 2 == 0 ? Integer.valueOf(k) : "s" + k;
                    if (o instanceof Integer x && x > 3) {
                        return x * n;
                    }
                } while (++k < 10);
                return -1;
            }
        }
    }

    @Test void wovenCodeDoesWhatItDid() throws Exception {
        java.util.function.LongSupplier woven = make(new Woven(Work.class.getName()).loadClass(Work.class.getName(), true), java.util.function.LongSupplier.class);
        assertThat(woven.getClass()).isNotEqualTo(Work.class);
        assertThat(woven.getAsLong()).isEqualTo(new Work().getAsLong());
    }

    @Test void everyMethodThatCallsOrIsCalledByTheJdkAndEachLoopIsChecked() {
        byte[] woven = weave(Woven.bytes(Hangs.Empty.class.getName()));
        long checks = FILES.parse(woven).methods().stream().flatMap(m -> m.code().stream()).flatMap(c -> c.elementStream()).filter(e -> e.toString().contains("DriverFence")).count();
        assertThat(checks).as("method, loop; not the constructor, which calls nothing").isEqualTo(2);
    }
}
