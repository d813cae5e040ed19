package xen.sched.shared;

/**
 * First in, first out, linked through its elements: every operation takes constant time and allocates nothing.
 *
 * @param <E> an element is in one line at a time
 */
public final class Fifo<E extends Fifo.Link<E>> {
    /** What an element must be. */
    public abstract static class Link<E extends Link<E>> {
        private E previous, next;
        private Fifo<E> line;
    }

    private E first, last;
    private int size;

    public int size() { return size; }

    public E first() { return first; }

    public E next(E e) { return ((Link<E>) e).next; }

    public void add(E e) {
        Link<E> l = e;
        l.line = this;
        l.previous = last;
        l.next = null;
        if (last == null) {
            first = e;
        } else {
            ((Link<E>) last).next = e;
        }
        last = e;
        size++;
    }

    /** @return false when it is not in this line */
    public boolean remove(E e) {
        Link<E> l = e;
        if (l.line != this) {
            return false;
        }
        if (l.previous == null) {
            first = l.next;
        } else {
            ((Link<E>) l.previous).next = l.next;
        }
        if (l.next == null) {
            last = l.previous;
        } else {
            ((Link<E>) l.next).previous = l.previous;
        }
        l.previous = null;
        l.next = null;
        l.line = null;
        size--;
        return true;
    }
}
