package xen.kernel.trap;

/** Exception vectors by the SDM's names. */
final class Vectors {
    static final int DB = 1, NMI = 2, BP = 3, OF = 4, UD = 6, NM = 7, NP = 11, SS = 12, GP = 13, PF = 14;
    /** Bit n set: vector n pushes an error code. */
    private static final int WITH_ERROR = 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21;
    private static final String[] NAMES = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "coprocessor overrun", "#TS",
        "#NP", "#SS", "#GP", "#PF", "spurious interrupt", "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"};

    private Vectors() {}

    /** A fault's frame has RF set, so that going on passes a breakpoint on the instruction; a trap's has not. #DB can be both: the CPU knows. */
    static boolean isFault(int vector) { return vector != DB && vector != NMI && vector != BP && vector != OF; }

    static boolean hasError(int vector) { return (WITH_ERROR >>> vector & 1) != 0; }

    static String name(int vector) { return vector < NAMES.length ? NAMES[vector] : "vector " + vector; }
}
