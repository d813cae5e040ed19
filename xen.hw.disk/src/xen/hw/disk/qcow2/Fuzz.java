package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import xen.kernel.api.hw.Raw;

/**
 * Damages images and uses them. What may come of it: an error that names file, cause and next step, or wrong contents. What may not: any
 * other exception, a file that grows beyond what was written, changes to a file that is open for reading.
 */
public final class Fuzz {
    private static final int SECTORS = 2048, STEPS = 40;

    private Fuzz() {}

    /** {@code first} says what was wrong first, with the seed of its case. */
    public record Result(long cases, long refused, long failed, long unharmed, long wrong, String first) {}

    /** A file in memory. */
    private static final class Memory implements Store {
        byte[] bytes = new byte[0];
        boolean sealed;
        long limit = Long.MAX_VALUE;

        @Override public String name() { return "fuzzed.qcow2"; }
        @Override public long size() { return bytes.length; }
        @Override public void flush() {}
        @Override public void close() {}
        @Override public boolean punch(long position, long n) { return false; }

        @Override public void read(long position, ByteBuffer to) {
            int there = (int) Math.clamp(bytes.length - position, 0, to.remaining());
            if (there > 0) {
                to.put(bytes, (int) position, there);
            }
            to.put(new byte[to.remaining()]);
        }

        @Override public void write(long position, ByteBuffer from) {
            int n = from.remaining();
            if (sealed || position < 0 || position + n > limit) {
                throw new AssertionError("write of " + n + " bytes at " + position + (sealed ? " to an image that is open for reading" : ", the file had " + bytes.length));
            }
            if (position + n > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) position + n);
            }
            from.get(bytes, (int) position, n);
        }
    }

    public static Result run(long seed, double seconds, long mostCases) {
        long until = System.nanoTime() + (long) (seconds * 1e9), cases = 0, wrong = 0;
        long[] outcome = new long[3];
        String first = null;
        Raw.Area area = Raw.allocate(SECTORS * 512L);
        try {
            for (; cases < mostCases && System.nanoTime() < until; cases++) {
                try {
                    outcome[one(new Random(seed + cases), area)]++;
                } catch (IOException | RuntimeException | AssertionError | OutOfMemoryError | StackOverflowError e) {
                    wrong++;
                    first = first != null ? first : "seed " + (seed + cases) + ": " + e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : "");
                }
            }
        } finally {
            area.free();
        }
        return new Result(cases, outcome[0], outcome[1], outcome[2], wrong, first);
    }

    /** @return 0 refused, 1 an error in use, 2 no error */
    private static int one(Random random, Raw.Area area) throws IOException {
        Memory m = image(random, area);
        damage(m, random);
        m.limit = m.bytes.length + 200L * (2 << 20);
        boolean readOnly = random.nextBoolean();
        m.sealed = readOnly;
        int outcome = 0;
        try (Qcow2Image i = Qcow2Files.open(m, readOnly, (name, format) -> null)) {
            outcome = use(i, random, area, readOnly);
        } catch (ImageException e) {
            speaks(e);
        }
        m.sealed = false;
        try {
            Checker.check(m, Checker.Repair.values()[random.nextInt(3)]);
        } catch (ImageException e) {
            speaks(e);
        }
        return outcome;
    }

    private static void speaks(ImageException e) {
        if (!e.getMessage().startsWith("fuzzed.qcow2: ") || !e.getMessage().contains("; ")) {
            throw new AssertionError("no help: " + e.getMessage());
        }
    }

    private static int use(Qcow2Image i, Random random, Raw.Area area, boolean readOnly) {
        int errors = 0;
        int disk = (int) Math.min(SECTORS, i.sectors());
        for (int s = 0; s < STEPS && disk > 8; s++) {
            int n = 1 + random.nextInt(Math.min(disk - 1, 64)), at = random.nextInt(disk - n);
            try {
                switch (random.nextInt(readOnly ? 4 : 12)) {
                    case 0, 1, 2, 3 -> i.read(at, area.address(), n * 512);
                    case 4, 5 -> i.discard(at, n);
                    case 6 -> i.flush();
                    case 7 -> i.resize((long) (disk + random.nextInt(disk)) * 512);
                    default -> i.write(at, area.address(), n * 512);
                }
            } catch (ImageException e) {
                speaks(e);
                errors++;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return errors > 0 ? 1 : 2;
    }

    private static Memory image(Random random, Raw.Area area) throws IOException {
        Memory m = new Memory();
        boolean old = random.nextInt(4) == 0;
        Qcow2Files.create(m, new Qcow2Files.Options(SECTORS * 512L, old ? 2 : 3, 512 << random.nextInt(5), old ? 16 : 1 << random.nextInt(7), false, null, null));
        try (Qcow2Image i = Qcow2Files.open(m, false, null)) {
            for (int k = random.nextInt(10); k > 0; k--) {
                int n = 1 + random.nextInt(32);
                i.write(random.nextInt(SECTORS - n), area.address(), n * 512);
            }
        }
        return m;
    }

    /** Mostly in the header, or where tables are; bytes, words of interest, or a cut. */
    private static void damage(Memory m, Random random) throws IOException {
        Header h = new Header(m);
        long[] places = {0, 0, h.l1Offset, h.tableOffset, table(m, h.l1Offset), table(m, h.tableOffset)};
        for (int k = random.nextInt(4); k >= 0; k--) {
            int from = (int) places[random.nextInt(places.length)];
            int at = Math.min(m.bytes.length - 8, from + random.nextInt(from == 0 ? 160 : 128) / 8 * (random.nextBoolean() ? 4 : 8));
            switch (random.nextInt(6)) {
                case 0 -> m.bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> m.bytes[at + random.nextInt(8)] = (byte) random.nextInt();
                case 2 -> ByteBuffer.wrap(m.bytes).putLong(at, (long) random.nextInt(m.bytes.length) & -512L | Mapping.COPIED);
                case 3 -> ByteBuffer.wrap(m.bytes).putLong(at, random.nextLong());
                case 4 -> ByteBuffer.wrap(m.bytes).putLong(at, random.nextBoolean() ? -1 : 0);
                default -> {
                    if (random.nextInt(4) == 0) {
                        m.bytes = Arrays.copyOf(m.bytes, Math.max(200, random.nextInt(m.bytes.length)));
                        return;
                    }
                }
            }
        }
    }

    private static long table(Memory m, long at) { return Math.clamp(ByteBuffer.wrap(m.bytes).getLong((int) at) & Mapping.OFFSET, 0, m.bytes.length - 512); }
}
