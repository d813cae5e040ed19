package xen.cpu.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kept translations: the same run with and without them, and a file that is not exactly what this build of ours wrote is never used. */
class CodeStoreTest {
    /** MOV ECX, 50; L: ADD RAX, RCX; CALL F; LOOP-like DEC ECX, JNZ L; SYSCALL; F: MOV [RDI], RAX; ADD RAX, [RDI + 8]; RET. */
    private static final String LOOP = "b932000000 4801c8 e806000000 ffc9 75f4 0f05 488907 48034708 c3";
    private static final long BUILD = 77;

    @TempDir Path folder;

    @BeforeEach void onLinux() {
        assumeTrue(System.getProperty("os.arch").equals("amd64") && System.getProperty("os.name").equals("Linux"), "skipped: engine native needs x86-64 Linux");
    }

    private record Outcome(List<Program.Result> results, long before, long after) {}

    /** Three runs in a machine of its own, and the code area's use when it was attached and at the end. */
    private Outcome run(Path where, long build, String code) {
        long[] r = new long[16];
        r[4] = Program.DATA + 4096;
        r[7] = Program.DATA + 2 * 4096;
        try (Program p = new Program(new NativeEngine(3, where, build), true)) {
            long before = p.translator.codeBytes();
            p.code(Program.CODE_FRAME, 16, code);
            List<Program.Result> results = new ArrayList<>();
            for (long slice : new long[] {1000, 7, 1000}) {
                results.add(p.run(Program.CODE + 16, r, slice));
            }
            return new Outcome(results, before, p.translator.codeBytes());
        }
    }

    private Path file() throws IOException {
        try (var files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertEquals(1, all.size(), () -> "files: " + all);
            return all.getFirst();
        }
    }

    @Test void aWarmRunTranslatesNothingAndIsTheSameRun() throws IOException {
        Outcome none = run(null, BUILD, LOOP), cold = run(folder, BUILD, LOOP), warm = run(folder, BUILD, LOOP);
        assertEquals(none.results, cold.results);
        assertEquals(none.results, warm.results);
        assertTrue(cold.before < cold.after);
        assertEquals(cold.after, warm.before);
        assertEquals(warm.before, warm.after);
        try (Program tier0 = new Program(null, true)) {
            tier0.code(Program.CODE_FRAME, 16, LOOP);
            long[] r = new long[16];
            r[4] = Program.DATA + 4096;
            r[7] = Program.DATA + 2 * 4096;
            assertEquals(tier0.run(Program.CODE + 16, r, 1000), warm.results.getFirst());
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test void otherBytesAtTheSamePlaceAreNotTheKnownOnes() {
        run(folder, BUILD, LOOP);
        // the immediate, the displacement, the last block
        for (String other : List.of(LOOP.replace("b932", "b933"), LOOP.replace("034708", "034710"), LOOP.replace("4801c8", "4829c8"))) {
            assertEquals(run(null, BUILD, other).results, run(folder, BUILD, other).results);
        }
        assertEquals(run(null, BUILD, LOOP).results, run(folder, BUILD, LOOP).results);
    }

    @Test void whatChangesUnderAKnownTranslationIsSeen() {
        run(folder, BUILD, LOOP);
        List<List<Program.Result>> seen = new ArrayList<>();
        for (Path where : new Path[] {null, folder}) {
            try (Program p = new Program(new NativeEngine(3, where, BUILD), true)) {
                long[] r = new long[16];
                r[4] = Program.DATA + 4096;
                r[7] = Program.DATA + 2 * 4096;
                List<Program.Result> results = new ArrayList<>();
                for (String code : List.of(LOOP, LOOP.replace("4801c8", "4829c8"), LOOP, LOOP.replace("b932", "b902"))) {
                    p.code(Program.CODE_FRAME, 16, code);
                    results.add(p.run(Program.CODE + 16, r, 1000));
                    results.add(p.run(Program.CODE + 16, r, 5));
                }
                seen.add(results);
            }
        }
        assertEquals(seen.get(0), seen.get(1));
    }

    @Test void aPageThatChangesBackAndForthIsTranslatedOnce() {
        // the same code in one page and then in the next, with jumps of each connected and remembered
        try (Program p = new Program(new NativeEngine(3, folder, BUILD), true); Program tier0 = new Program(null, true)) {
            long[] r = new long[16];
            r[4] = Program.DATA + 4096;
            r[7] = Program.DATA + 2 * 4096;
            long first = 0;
            for (int round = 0; round < 6; round++) {
                int page = round & 1;
                String code = round % 3 == 2 ? LOOP.replace("ffc9", "83e901").replace("75f4", "75f3") : LOOP;
                List<Program.Result> seen = new ArrayList<>();
                for (Program each : List.of(p, tier0)) {
                    each.code(Program.CODE_FRAME, 16, page == 0 ? code : "00".repeat(64));
                    each.code(Program.CODE_FRAME + 1, 16, page == 1 ? code : "00".repeat(64));
                    each.run(Program.CODE + 4096 * page + 16, r, 1000);
                    seen.add(each.run(Program.CODE + 4096 * page + 16, r, 7));
                }
                assertEquals(seen.get(1), seen.get(0));
                if (round == 2) {
                    first = p.translator.codeBytes();
                }
            }
            assertEquals(first, p.translator.codeBytes());
        }
    }

    @Test void aFileThatWasChangedAnywhereIsRefusedAndReplaced() throws IOException {
        Outcome cold = run(folder, BUILD, LOOP);
        byte[] good = Files.readAllBytes(file());
        long fresh = cold.before;
        for (int at = 0; at < good.length; at += at < 64 ? 1 : 37) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(file(), bad);
            Outcome o = run(folder, BUILD, LOOP);
            assertEquals(cold.results, o.results);
            int where = at;
            assertEquals(fresh, o.before, () -> "byte " + where + " was changed and the file used");
            assertEquals(good.length, Files.size(file()));
        }
        assertNotEquals(fresh, run(folder, BUILD, LOOP).before);
    }

    @Test void aFileCutShortOrMadeLongerIsRefused() throws IOException {
        Outcome cold = run(folder, BUILD, LOOP);
        byte[] good = Files.readAllBytes(file());
        for (int size : new int[] {0, 7, 35, 36, good.length / 2, good.length - 1, good.length + 1}) {
            Files.write(file(), java.util.Arrays.copyOf(good, size));
            assertEquals(cold.before, run(folder, BUILD, LOOP).before, () -> size + " bytes");
        }
    }

    @Test void aFileOfAnotherBuildIsNotUsedUnderAnyName() throws IOException {
        Outcome cold = run(folder, BUILD, LOOP);
        Path file = file();
        Outcome other = run(folder, BUILD + 1, LOOP);
        assertEquals(cold.before, other.before);
        Path second;
        try (var files = Files.list(folder)) {
            second = files.filter(f -> !f.equals(file)).findFirst().orElseThrow();
        }
        Files.copy(file, second, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertEquals(cold.before, run(folder, BUILD + 1, LOOP).before);
    }

    @Test void whatOthersCanWriteIsNotUsed() throws IOException {
        Outcome cold = run(folder, BUILD, LOOP);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw----"));
        assertEquals(cold.before, run(folder, BUILD, LOOP).before);
        assertNotEquals(cold.before, run(folder, BUILD, LOOP).before, "replaced by one that is ours alone");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals(cold.before, run(folder, BUILD, LOOP).before);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Path file = file(), real = folder.resolve("elsewhere");
        Files.move(file, real);
        Files.createSymbolicLink(file, real);
        assertEquals(cold.before, run(folder, BUILD, LOOP).before, "a link");
    }

    @Test void aFolderThatCannotBeMadeChangesNothing() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "x");
        Outcome none = run(null, BUILD, LOOP);
        assertEquals(none.results, run(notAFolder.resolve("code"), BUILD, LOOP).results);
        assertFalse(Files.exists(notAFolder.resolve("code")));
    }

    @Test void theFolderIsTheUsersChoiceOrTheirCache() {
        assertEquals(null, NativeEngine.folder(java.util.Map.of("XEN_CODE_CACHE", "off")));
        assertEquals(Path.of("/a/b"), NativeEngine.folder(java.util.Map.of("XEN_CODE_CACHE", "/a/b", "XDG_CACHE_HOME", "/c")));
        assertEquals(Path.of("/c/xen-java/code"), NativeEngine.folder(java.util.Map.of("XDG_CACHE_HOME", "/c")));
    }
}
