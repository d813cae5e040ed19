package xen.kernel.driver;

import java.util.Arrays;

/** What a driver instance has yet to be told, in order. Nothing is allocated for a call. Under the block core's lock. */
final class Calls {
    private Call[] calls = new Call[64];
    private Object[] subjects = new Object[64];
    private long[] sequences = new long[64];
    private int head, size;
    /** The one that was taken last. */
    Call call;
    Object subject;
    long sequence;

    boolean isEmpty() { return size == 0; }

    void add(Call c, Object about, long number) {
        room();
        put(head + size - 1 & calls.length - 1, c, about, number);
    }

    /** An answer is waited for: before new requests, but not before its device. */
    void addAnswer(Object about, long number) {
        if (size != 0 && calls[head] != Call.REQUEST) {
            add(Call.COMPLETED, about, number);
            return;
        }
        room();
        head = head - 1 & calls.length - 1;
        put(head, Call.COMPLETED, about, number);
    }

    private void put(int at, Call c, Object about, long number) {
        calls[at] = c;
        subjects[at] = about;
        sequences[at] = number;
    }

    /** Takes the next one; there is one. */
    void take() {
        call = calls[head];
        subject = subjects[head];
        sequence = sequences[head];
        subjects[head] = null;
        head = head + 1 & calls.length - 1;
        size--;
    }

    /** Forgets all. */
    void clear() {
        Arrays.fill(subjects, null);
        subject = null;
        size = 0;
    }

    /** For one more, which is counted. */
    private void room() {
        int n = calls.length;
        if (size++ < n) {
            return;
        }
        Call[] c = new Call[2 * n];
        Object[] o = new Object[2 * n];
        long[] s = new long[2 * n];
        for (int i = 0; i < n; i++) {
            int at = head + i & n - 1;
            c[i] = calls[at];
            o[i] = subjects[at];
            s[i] = sequences[at];
        }
        calls = c;
        subjects = o;
        sequences = s;
        head = 0;
    }
}
