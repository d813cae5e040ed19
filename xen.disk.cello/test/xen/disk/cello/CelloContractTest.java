package xen.disk.cello;

import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.testing.DiskSchedulerContract;

/** The contract that every disk scheduler keeps. */
class CelloContractTest {
    private static final Map<String, Supplier<DiskScheduler>> SCHEDULERS = Map.of(
            "time", () -> new Cello(false),
            "bytes", () -> new Cello(true));

    @TestFactory Stream<DynamicTest> itKeepsTheContract() {
        return SCHEDULERS.entrySet().stream().flatMap(s -> DiskSchedulerContract.checks(s.getValue()).entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(s.getKey() + ": " + c.getKey(), c.getValue()::run)));
    }
}
