package xen.kernel.driver;

import java.util.function.Consumer;

/** The pages of one device that are mapped, whoever holds them. Under the lock; each is in one list. */
final class GrantList {
    private GrantHandle head;
    private int size;

    void add(GrantHandle g) {
        g.previous = null;
        g.next = head;
        if (head != null) {
            head.previous = g;
        }
        head = g;
        size++;
    }

    void remove(GrantHandle g) {
        if (g.previous == null) {
            head = g.next;
        } else {
            g.previous.next = g.next;
        }
        if (g.next != null) {
            g.next.previous = g.previous;
        }
        g.next = g.previous = null;
        size--;
    }

    int size() { return size; }

    /** {@code what} may take the one that it is given out of the list. */
    void forEach(Consumer<GrantHandle> what) {
        for (GrantHandle g = head; g != null;) {
            GrantHandle after = g.next;
            what.accept(g);
            g = after;
        }
    }
}
