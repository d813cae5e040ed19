package xen.toolstack.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/**
 * Symbols of a stripped Linux kernel, from the compressed kallsyms tables that it carries for its own back traces. The tables have no
 * header; they are found by their shape: the token table has the ten digits as ten one-letter tokens in a row, the token index behind it
 * repeats their distances, and somewhere in front of it lie the count, the names and the markers, which prove each other. Addresses are
 * in front of the count (to Linux 6.3) or behind the token index (from 6.4).
 */
final class Kallsyms {
    private static final int TOKENS = 256, GROUP = 256, FEWEST = 2 * GROUP, MOST = 2_000_000, SPAN = 32 << 20;

    private final ByteBuffer b;
    private final int tokenTable, tokenIndex;

    private Kallsyms(ByteBuffer b, int tokenTable, int tokenIndex) {
        this.b = b;
        this.tokenTable = tokenTable;
        this.tokenIndex = tokenIndex;
    }

    /** Gives every (address, name) of the little-endian image to {@code sink}; nothing when the image has no such tables. */
    static void read(ByteBuffer b, BiConsumer<Long, String> sink) {
        byte[] digits = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009\000".getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at + digits.length < b.limit(); at++) {
            if (b.get(at) == '0' && startsWith(b, at, digits) && readAt(b, at, sink)) {
                return;
            }
        }
    }

    private static boolean startsWith(ByteBuffer b, int at, byte[] what) {
        for (int i = 0; i < what.length; i++) {
            if (b.get(at + i) != what[i]) {
                return false;
            }
        }
        return true;
    }

    /** {@code zero} is where token 48, the digit 0, stands. */
    private static boolean readAt(ByteBuffer b, int zero, BiConsumer<Long, String> sink) {
        int end = zero;
        for (int t = '0'; t < TOKENS; t++) {
            while (end < b.limit() && b.get(end) != 0) {
                end++;
            }
            end++;
        }
        int index = end + 7 & ~7;
        if (index + 2 * TOKENS > b.limit()) {
            return false;
        }
        int table = zero - u16(b, index + 2 * '0');
        if (table < 64 || u16(b, index) != 0 || u16(b, index + 2 * '9') - u16(b, index + 2 * '0') != 18) {
            return false;
        }
        return new Kallsyms(b, table, index).symbols(sink);
    }

    /** Looks for the count and the names behind it, in the megabytes in front of the token table. */
    private boolean symbols(BiConsumer<Long, String> sink) {
        for (int names = tokenTable & ~7; names > Math.max(64, tokenTable - SPAN); names -= 8) {
            int count = b.getInt(names - 8);
            if (count > FEWEST && count < MOST && b.getInt(names - 4) == 0 && markersFollow(names, count)) {
                return emit(names, count, sink);
            }
        }
        return false;
    }

    /** True when {@code count} names from {@code names} are followed by the markers: where every 256th of them begins. */
    private boolean markersFollow(int names, int count) {
        int at = names, second = 0;
        for (int i = 0; i < count; i++) {
            if (at >= tokenTable || b.get(at) == 0) {
                return false;
            }
            if (i == GROUP) {
                second = at - names;
            }
            at += headerSize(at) + length(at);
        }
        int markers = at + 7 & ~7;
        return markers + 8 <= tokenTable && b.getInt(markers) == 0 && b.getInt(markers + 4) == second;
    }

    private boolean emit(int names, int count, BiConsumer<Long, String> sink) {
        int bytes = count * 4 + 7 & ~7;
        int offsets = names - 16 - bytes;
        long base = b.getLong(names - 16);
        if (base >= 0 || offsets < 0) {
            offsets = tokenIndex + 2 * TOKENS;
            if (offsets + bytes + 8 > b.limit()) {
                return false;
            }
            base = b.getLong(offsets + bytes);
        }
        StringBuilder name = new StringBuilder();
        for (int i = 0, at = names; i < count; i++) {
            name.setLength(0);
            int from = at + headerSize(at), to = from + length(at);
            for (int t = from; t < to; t++) {
                for (int c = tokenTable + u16(b, tokenIndex + 2 * (b.get(t) & 0xff)); b.get(c) != 0; c++) {
                    name.append((char) (b.get(c) & 0xff));
                }
            }
            int offset = b.getInt(offsets + 4 * i);
            // not negative: absolute (per-CPU), which says nothing about code
            if (offset < 0 && name.length() > 1) {
                sink.accept(base - 1 - offset, name.substring(1));
            }
            at = to;
        }
        return true;
    }

    private int length(int at) {
        int n = b.get(at) & 0xff;
        return n < 0x80 ? n : n & 0x7f | (b.get(at + 1) & 0xff) << 7;
    }

    private int headerSize(int at) { return b.get(at) < 0 ? 2 : 1; }

    private static int u16(ByteBuffer b, int at) { return b.getShort(at) & 0xffff; }
}
