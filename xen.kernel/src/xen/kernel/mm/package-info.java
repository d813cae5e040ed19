/**
 * Memory: who owns which machine frame, what it may be used as, and the hypercalls that change that. Isolation of guests is decided
 * here: every page-table entry a guest can bring into effect passes {@link xen.kernel.mm.PageTables}.
 */
package xen.kernel.mm;
