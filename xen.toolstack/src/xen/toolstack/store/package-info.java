/**
 * xenstored. The tree is immutable ({@link xen.toolstack.store.Node}): a transaction's snapshot is a reference, a commit re-applies its
 * changes when nothing it saw has changed. One lock; guests are notified and Java watchers called when it is free.
 */
package xen.toolstack.store;
