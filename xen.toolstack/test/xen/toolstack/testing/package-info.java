/** What the tool stack's tests share: a core that only keeps books, and kernels made on the spot. */
package xen.toolstack.testing;
