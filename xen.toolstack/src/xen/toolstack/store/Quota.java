package xen.toolstack.store;

/** Limits of one unprivileged domain; the defaults are xenstored's. */
record Quota(int nodes, int watches, int transactions, int permissions, int nodeSize) {
    public static final Quota DEFAULT = new Quota(1000, 128, 10, 5, 2048);
}
