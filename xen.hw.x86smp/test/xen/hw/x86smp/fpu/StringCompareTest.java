package xen.hw.x86smp.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;

/** What the C library uses PCMPISTRI for. */
class StringCompareTest {
    private final Raw.Area area = Raw.allocate(64);
    private final long a = area.address(), b = a + 16;

    @AfterEach void free() { area.free(); }

    private int run(String x, String y, int imm) {
        Raw.zero(a, 32);
        Raw.put(a, x.getBytes(), 0, x.length());
        Raw.put(b, y.getBytes(), 0, y.length());
        return StringCompare.compare(a, StringCompare.implicitLength(a, imm), b, StringCompare.implicitLength(b, imm), imm);
    }

    @Test void findsTheFirstOfASet() {
        assertEquals(4, StringCompare.index(run("xyz", "abcdzef", 0), 0));
        assertEquals(16, StringCompare.index(run("xyz", "abcdef", 0), 0));
    }

    @Test void findsASubstring() {
        assertEquals(3, StringCompare.index(run("def", "abcdefabc", 0x0c), 0x0c));
        assertEquals(14, StringCompare.index(run("def", "abcabcabcabcabde", 0x0c), 0x0c), "a match cut off by the register's end counts");
    }

    @Test void findsTheFirstDifference() {
        assertEquals(2, StringCompare.index(run("abXd", "abcd", 0x18), 0x18));
    }

    @Test void rangesAreInclusivePairs() {
        assertEquals(3, StringCompare.index(run("09", "abc5", 4), 4));
    }

    @Test void flagsTellWhichStringEnded() {
        assertEquals(0x40 | 0x80, run("a", "b", 0) >>> 16);
        assertEquals(1 | 0x80, run("p", "abcdefghijklmnop", 0) >>> 16);
    }
}
