package xen.kernel.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.Vbd;

/** The table of what driver classes may name. */
class InspectionTest {
    private static List<String> wrong(Class<?> c) throws Exception {
        try (InputStream in = InspectionTest.class.getResourceAsStream("/" + c.getName().replace('.', '/') + ".class")) {
            return Inspection.of(ClassFile.of().parse(in.readAllBytes()), n -> n.startsWith("xen/kernel/confine/"));
        }
    }

    private static Stream<Class<?>> tries() { return Arrays.stream(Tries.class.getDeclaredClasses()).filter(c -> c.isAnnotationPresent(Tries.RefusedFor.class)); }

    @ParameterizedTest
    @MethodSource("tries")
    void eachTryIsRefusedByName(Class<?> c) throws Exception {
        assertThat(wrong(c)).isNotEmpty();
        assertThat(String.join(", ", wrong(c))).contains(c.getAnnotation(Tries.RefusedFor.class).value());
    }

    /** A driver as people write them: records, lambdas, switches, strings, collections, the log. */
    static final class Ordinary implements BlockBackend {
        private static final Logger LOG = LoggerFactory.getLogger(Ordinary.class);

        record Page(int ref, boolean write) {}

        private final BlockDomain domain;
        private final Map<Page, BlockGrant> pages = new HashMap<>();
        private final int[] counts = new int[4];

        Ordinary(BlockDomain domain) { this.domain = domain; }

        @Override public void attach(Vbd vbd) { LOG.info("disk {} of d{}", vbd.device(), vbd.domid()); }
        @Override public void detach(Vbd vbd) { pages.values().forEach(BlockGrant::close); }

        @Override public void request(BlockRequest r) {
            for (int i = 0; i < r.segments(); i++) {
                int n = i;
                r.bind(i, pages.computeIfAbsent(new Page(r.ref(i), r.op().writes()), p -> domain.map(r, n)));
            }
            switch (r.op()) {
                case READ, FLUSH -> counts[0]++;
                case WRITE, BARRIER -> counts[1]++;
                default -> throw new IllegalStateException("no " + r.op() + " here, " + Arrays.toString(counts));
            }
            domain.submit(r);
        }

        @Override public void completed(BlockRequest r) {
            try {
                domain.complete(r, r.failed() ? BlockDomain.ERROR : BlockDomain.OK);
            } catch (IllegalStateException e) {
                LOG.warn("over: {}", e.getMessage());
                throw e;
            }
        }
    }

    @Test void anOrdinaryDriverIsLetIn() throws Exception {
        assertThat(wrong(Ordinary.class)).isEmpty();
        assertThat(wrong(Ordinary.Page.class)).isEmpty();
    }

    @Test void whatTheWeaverItselfAddsIsNotForDriversToName() { assertThat(DriverRights.mayUse("xen/kernel/api/block/DriverFence", "check")).isFalse(); }
}
