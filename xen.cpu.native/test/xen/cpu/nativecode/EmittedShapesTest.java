package xen.cpu.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.VcpuContext;

/**
 * Each instruction with a sequence of its own, attacked: operands at every kind of page and across its end, wrapping, misaligned, out of range. What a guest
 * and the core can see is what tier 0 gives, in slices of any length, whether the TLB is warm or not.
 */
class EmittedShapesTest {
    /** MOV RAX, R8 so that a fault is not in the block's first instruction; the shape; INC R8; SYSCALL. */
    private static final String BEFORE = "4c89c0", AFTER = "49ffc0 0f05";

    @BeforeEach void onSilicon() {
        assumeTrue(System.getProperty("os.arch").equals("amd64") && System.getProperty("os.name").equals("Linux"), "skipped: engine native needs x86-64 Linux");
    }

    /** Addresses that matter, for an operand of up to {@code size} bytes. */
    private static List<Long> addresses(int size) {
        List<Long> all = new ArrayList<>();
        for (int p = 0; p < 8; p++) {
            long page = Program.DATA + 4096L * p;
            all.addAll(List.of(page, page + 1, page + 64, page + 4096 - size, page + 4096 - size + 1, page + 4095, page + 4096 - 2L * size));
        }
        all.addAll(List.of(0L, -1L, -8L, 0x7fff_ffff_fff8L, 0x7fff_ffff_ffffL, 0x8000_0000_0000L, 0xffff_8000_0000_0000L, 0xffff_7fff_ffff_ffffL, Program.CODE,
                Program.CODE + 4000));
        return all;
    }

    private void agree(String shape, int size, long... counts) {
        SplittableRandom random = new SplittableRandom(1);
        try (Program tier0 = new Program(null, true); Program emitted = new Program(new NativeEngine(1, null, 0), true)) {
            for (Program p : List.of(tier0, emitted)) {
                p.code(Program.CODE_FRAME, 0, BEFORE + shape + AFTER);
            }
            List<Long> places = addresses(size);
            for (long count : counts) {
                for (long to : places) {
                    long from = places.get(random.nextInt(places.size()));
                    long[] r = new long[16];
                    for (int i = 0; i < 16; i++) {
                        r[i] = random.nextLong();
                    }
                    r[VcpuContext.RDI] = to;
                    r[VcpuContext.RSI] = from;
                    r[VcpuContext.RCX] = count;
                    r[VcpuContext.RSP] = Program.DATA + 4096 * 5 + 256;
                    long slice = random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1000;
                    assertEquals(tier0.run(Program.CODE, r, slice), emitted.run(Program.CODE, r, slice),
                            () -> shape + " rdi " + Long.toHexString(to) + " rsi " + Long.toHexString(from) + " rcx " + Long.toHexString(count));
                }
            }
        }
    }

    @Test void repeatedStores() {
        for (String s : List.of("f3aa", "f366ab", "f3ab", "f348ab", "f2aa")) {
            agree(s, 8, 0, 1, 3, 64, 513, 5000, 1L << 40, -1);
        }
    }

    @Test void repeatedMoves() {
        for (String s : List.of("f3a4", "f366a5", "f3a5", "f348a5")) {
            agree(s, 8, 0, 1, 3, 64, 513, 5000, 1L << 40, -1);
        }
    }

    @Test void repeatedMovesThatOverlapTheirOwnSource() {
        // LEA RSI, [RDI - 8], then each size: the pattern repeats, also over the page's end and through the other name of page 0
        for (String s : List.of("488d77f8 f3a4", "488d77f8 f348a5", "488d77ff f3a5", "488d7708 f348a5", "488db700600000 f3a4")) {
            agree(s, 8, 5, 512, 700);
        }
    }

    @Test void singleStringInstructionsAndTheOtherDirection() {
        for (String s : List.of("aa", "66ab", "ab", "48ab", "a4", "66a5", "a5", "48a5", "ac", "66ad", "ad", "48ad")) {
            agree(s, 8, 7);
            agree("fd" + s + "fc", 8, 7);
            agree("fd f3" + s, 8, 7, 600);
        }
    }

    @Test void storesIntoTheirOwnCode() {
        // REP STOSB over the instructions that follow, in the page being executed, and MOVSB of them
        for (String s : List.of("488d3d04000000 b103 f3aa 90909090", "488d3d06000000 0fb6c9 f3aa 90909090 9090", "488d35f9ffffff 488d3d02000000 b102 f3a4 90909090")) {
            agree(s, 8, 2, 3);
        }
    }

    @Test void bitStrings() {
        for (String op : List.of("a3", "ab", "b3", "bb")) {
            for (String prefix : List.of("", "48", "66")) {
                String insn = prefix + "0f" + op + "0f";
                agree(insn, 8, 0, 63, 64, -1, 32767, -32768, 1 << 15, 1L << 40, -(1L << 20));
                if (!op.equals("a3")) {
                    agree("f0" + insn, 8, 0, 63, 65, -1, 32767, 1L << 33, -(1L << 20));
                }
            }
        }
    }

    @Test void bitsByNumberAndCounters() {
        for (String s : List.of("0fba270f", "480fba2f3f", "f00fba3703", "660fba3f0f", "fe07", "48ff07", "f0ff0f", "48ff0f", "66ff07", "f048830705")) {
            agree(s, 8, 1);
        }
    }

    @Test void pairsAreExchangedOnlyWhenEqual() {
        for (String s : List.of("480fc70f", "f0480fc70f", "0fc70f", "f00fc70f")) {
            agree(s, 16, 1);
            // MOV RAX, [RDI]; MOV RDX, [RDI + 8] in front: equal
            agree("488b07 488b5708" + s, 16, 1);
            agree("8b07 8b5704" + s, 8, 1);
        }
    }

    @Test void signedDivision() {
        for (String s : List.of("48f7f9", "f7f9", "48f73f", "f73f", "48f7fa", "4899 48f7f9", "99 f7f9", "4899 48f73f", "4899 49f7f9")) {
            agree(s, 8, 0, 1, -1, 2, 7, Long.MIN_VALUE, 1L << 31);
        }
        // the least number by minus one
        agree("48b80000000000000080 4899 48f7f9", 8, -1, 0, 3);
        agree("b800000080 99 f7f9", 8, -1, 0xffff_ffffL, 0, 3);
    }

    @Test void controlRegistersOfSse() {
        // STMXCSR; LDMXCSR; then with everything masked in front of it, and with each kind of word
        for (String s : List.of("0fae1f", "0fae17", "c707801f0000 0fae17 0fae5f10", "c707c0ff0000 0fae17 0fae1f", "c707801f0100 0fae17", "c707001f0000 0fae17 0fae5f10")) {
            agree(s, 4, 1);
        }
    }

    @Test void timeStampsCountWhatWasRetiredAtTheRunsRate() {
        agree("0f31 4889c3 0f31", 8, 1);
        agree("0f01f9 90 90 0f31 48ffc9 75f9", 8, 1, 100);
        try (Program p = new Program(new NativeEngine(1, null, 0), true)) {
            p.code(Program.CODE_FRAME, 0, "9090 0f31 0f05");
            long[] r = new long[16];
            p.run(Program.CODE, r, 1000);
            assertEquals(1_000_003L, p.run(Program.CODE, r, 1000).registers().getFirst());
        }
    }

    @Test void flagsOnTheStack() {
        // CMP RCX, RSI in front; PUSHF, with POP RDX; POPF of some word with what was added to RCX
        for (String s : List.of("4839f1 9c 5a", "4839f1 9c 9d", "4883ec80 48c1e103 9c", "51 9d 9c 5a", "51 9d 480f42df", "488d67f8 9c", "4889fc 9d 9c", "669c 669d", "480f42df 4839f1 51 9d 9c 58")) {
            agree(s, 8, 0, 1, 0x8d5, 0x8c5, 0x202, 0x46, 0x100, 0x400, 0x4000, 0x40000, 0x200000, 0x10000, -1);
        }
    }

    /** SS, RSP, flags, CS, RIP pushed, then IRETQ to what follows. */
    @Test void interruptReturns() {
        String rip = "4c8d0d0b000000 4151 4839f1 48cf 9090 49ffc1";
        for (String ss : List.of("6a2b", "8cd050", "6a43", "6a2a", "6a00")) {
            for (String cs : List.of("6a33", "8cc850", "6a2b", "6a30", "6800003300")) {
                // flags from RCX
                agree(ss + "54 51" + cs + rip.replace("0b000000", "09000000"), 8, 0x202, 0x8d7, 0xa97, 0x302, 0x602, 0x4202, 0x40202, -1);
            }
        }
        // targets: RDI, not canonical and elsewhere too; a frame that does not lie in one page
        agree("6a2b 54 9c 6a33 57 48cf", 8, 1);
        agree("4889fc 48cf", 40, 1);
    }

    @Test void segmentRegistersAreRead() {
        for (String s : List.of("8cc8", "668cd1", "488cd2", "418cd9", "4d8cd3", "66458ccf", "8ce4 8cef", "4839f1 8cd0 480f42df", "8c0f")) {
            agree(s, 2, 1);
        }
    }

    /** Control and status of the x87: stored, loaded, cleared; with 0 / 0 done before, which an unmasking FLDCW makes pending. */
    @Test void controlWordsOfX87() {
        String seen = " d97c24f8 dd7c24f0 488b4424f0 dfe0";
        for (String s : List.of("d93f", "dd3f", "d92f", "64d93f", "dbe2", "dfe0", "4839f1 dfe0 480f42df", "4839f1 dbe2 d97c24f8 480f42df")) {
            agree(s, 2, 1);
            agree("dbe3" + s + seen, 2, 1);
            agree("dbe3 d9ee d9ee def9" + s + seen + "dbe2 dfe0", 2, 1);
        }
        // each word there is a bit of: PUSH RCX; FLDCW [RSP], with and without a masked exception before it
        for (String before : List.of("dbe3", "dbe3 d9ee d9ee def9", "dbe3 d9e8 d9ee def9")) {
            agree(before + "51 d92c24" + seen + "d92c24" + seen, 2, 0, 0x37f, 0x27f, 0xf7f, 0x37e, 0x37b, 0x340, 0xffff, 0x1000, 0x40);
        }
    }

    @Test void x87IsNotThereAfterATaskSwitch() {
        for (String s : List.of("d93f", "dd3f", "d92f", "dbe2", "dfe0")) {
            for (NativeEngine engine : new NativeEngine[] {null, new NativeEngine(1, null, 0)}) {
                try (Program p = new Program(engine, true)) {
                    p.code(Program.CODE_FRAME, 0, BEFORE + s + AFTER);
                    long[] r = new long[16];
                    r[VcpuContext.RDI] = Program.DATA;
                    for (int i = 0; i < 3; i++) {
                        p.vcpu.put32(VcpuContext.TASK_SWITCHED, 0);
                        assertEquals(0, p.run(Program.CODE, r, 1000).vector());
                        p.vcpu.put32(VcpuContext.TASK_SWITCHED, 1);
                        assertEquals(7, p.run(Program.CODE, r, 1000).vector());
                    }
                }
            }
        }
    }

    @Test void basesOfFsAndGs() {
        for (String s : List.of("f30faec1", "f3480faec9", "f3410faec1", "f3490faecf", "4839f1 f3480faec3 480f42df", "f3480faecc", "f30faed1", "f3480faed1 64488b07", "f3480faed9 65488b07",
                "4989c9 f3490faed1 f3490faec2 f3480faec2", "4839f1 f3480faed9 480f42df f3480faecb", "f30faedf 65488907", "f0f3480faed1")) {
            agree(s + " f3480faec5", 8, 0, 64, -1, 0x7fff_ffff_ffffL, 0x8000_0000_0000L, 0xffff_8000_0000_0000L, 0xffff_7fff_ffff_ffffL, 0xdead_0000_1234L);
        }
    }

    @Test void anInstructionAcrossTwoPagesIsThatOfThePagesThatAreThere() {
        try (Program tier0 = new Program(null, true); Program emitted = new Program(new NativeEngine(1, null, 0), true)) {
            List<List<Program.Result>> seen = new ArrayList<>();
            for (Program p : List.of(tier0, emitted)) {
                // a jump that gets connected with it
                p.code(Program.CODE_FRAME, 0, "90 e9f70f0000");
                // MOV EAX, imm32 whose last two bytes are in the next page
                p.code(Program.CODE_FRAME, 4096 - 3, "b81122");
                p.code(Program.CODE_FRAME + 1, 0, "3344 ffc0 0f05");
                p.code(Program.SPARE_FRAME, 0, "5566 ffc8 0f05");
                List<Program.Result> results = new ArrayList<>();
                for (int i = 0; i < 12; i++) {
                    p.remapCode(1, i % 3 == 2 ? Program.SPARE_FRAME : Program.CODE_FRAME + 1);
                    results.add(p.run(Program.CODE, new long[16], 1000));
                    results.add(p.run(Program.CODE, new long[16], 1));
                }
                // the second half changes where it is
                p.code(Program.SPARE_FRAME, 0, "7788 ffc8 0f05");
                results.add(p.run(Program.CODE, new long[16], 1000));
                seen.add(results);
            }
            assertEquals(seen.get(0), seen.get(1));
            assertNotEquals(seen.get(1).get(2).registers(), seen.get(1).get(4).registers());
        }
    }

    /** Loops of one block keep their flags in registers only: bodies that fault on some round, producers of flags, conditions; slices cut them anywhere. */
    @Test void loopsLeaveWithTheFlagsOfTheRoundBefore() {
        List<String> bodies = List.of("", "8b07 4883c704", "0307 488d7f04", "488b4708 8907 4883ef04", "4911c0", "0f92c2", "48ffc3", "4c8b0f 4883c708", "0f47c3 8a07 48ffc7",
                "4987d9", "50 58", "f3aa", "488d4901 8b07 4883c710", "fec4 8a27 48ffc7", "660fefc0 0f1007 4883c720");
        List<String> producers = List.of("4883e901", "83e901", "4883c1ff", "4839d1", "4885c9", "84c0", "3c05", "80f905", "4038fe", "4883f905", "4d39d1", "4983e901", "4429d9",
                "4821c8", "31d8", "0dffff0000", "f7c1ff000000", "49f7c300ff0000", "4c01d1", "a801", "4d85db", "4929ca", "48ffc9");
        SplittableRandom random = new SplittableRandom(3);
        for (String body : bodies) {
            try (Program tier0 = new Program(null, true); Program emitted = new Program(new NativeEngine(1, null, 0), true)) {
                for (String producer : producers) {
                    String round = (body + producer).replace(" ", "");
                    int condition = 0x70 + random.nextInt(16);
                    String code = BEFORE + round + "%02x%02x".formatted(condition, -(round.length() / 2 + 2) & 0xff) + AFTER;
                    for (Program p : List.of(tier0, emitted)) {
                        p.code(Program.CODE_FRAME, 0, code);
                    }
                    for (int n = 0; n < 12; n++) {
                        long[] r = new long[16];
                        for (int g = 0; g < 16; g++) {
                            r[g] = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(40);
                        }
                        r[VcpuContext.RCX] = random.nextInt(40);
                        r[VcpuContext.RSP] = Program.DATA + 4096 * 5 + 256;
                        r[VcpuContext.RDI] = Program.DATA + 4096L * (1 + random.nextInt(4)) + (random.nextBoolean() ? 40 : 4096 - 60);
                        long slice = random.nextBoolean() ? 1 + random.nextInt(20) : 1000;
                        assertEquals(tier0.run(Program.CODE, r, slice), emitted.run(Program.CODE, r, slice), () -> code + " in slices of " + slice);
                    }
                }
            }
        }
    }

    /**
     * Loops of several blocks are emitted as one piece that leaves anywhere: parts that fault, producers of flags that can be had again and others, jumps
     * forward over nothing or something, an end by either way; slices cut them anywhere.
     */
    @Test void loopsOfSeveralBlocksLeaveAnywhere() {
        List<String> bodies = List.of("", "8b07 4883c704", "0fb617", "4911c0", "0f92c2", "50 58", "4d8d4901", "f3aa", "480f47c3", "0f31", "8807 48ffc7", "99 f7f9", "8cc8", "9c 5a");
        List<String> producers = List.of("4839d1", "84c0", "4883f905", "4885c9", "4d39d1", "31d2", "4883c301", "0fb3c8", "48ffc3", "f6470801", "3b07", "4038fe", "d1e8", "9090");
        SplittableRandom random = new SplittableRandom(4);
        try (Program tier0 = new Program(null, true); Program emitted = new Program(new NativeEngine(3, null, 0), true)) {
            for (int n = 0; n < 400; n++) {
                StringBuilder loop = new StringBuilder();
                int parts = 2 + random.nextInt(4);
                for (int p = 1; p < parts; p++) {
                    loop.append(bodies.get(random.nextInt(bodies.size()))).append(producers.get(random.nextInt(producers.size())));
                    // Jcc or JMP over what may stand there
                    String over = random.nextBoolean() ? "" : "48ffc5";
                    loop.append(random.nextInt(4) == 0 ? "eb" : "%02x".formatted(0x70 + random.nextInt(16))).append("%02x".formatted(over.length() / 2)).append(over);
                }
                loop.append(bodies.get(random.nextInt(bodies.size()))).append(random.nextBoolean() ? "48ffc9" : "4883e901");
                String round = loop.toString().replace(" ", "");
                String code = BEFORE + round + "75%02x".formatted(-(round.length() / 2 + 2) & 0xff) + AFTER;
                for (Program p : List.of(tier0, emitted)) {
                    p.code(Program.CODE_FRAME, 0, code);
                }
                for (int run = 0; run < 8; run++) {
                    long[] r = new long[16];
                    for (int g = 0; g < 16; g++) {
                        r[g] = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(40);
                    }
                    r[VcpuContext.RCX] = 1 + random.nextInt(60);
                    r[VcpuContext.RSP] = Program.DATA + 4096 * 5 + 256;
                    r[VcpuContext.RDI] = Program.DATA + 4096L * (1 + random.nextInt(4)) + (random.nextBoolean() ? 40 : 4096 - 60);
                    long slice = random.nextBoolean() ? 1 + random.nextInt(30) : 1000;
                    assertEquals(tier0.run(Program.CODE, r, slice), emitted.run(Program.CODE, r, slice), () -> code + " in slices of " + slice);
                }
            }
        }
    }
}
