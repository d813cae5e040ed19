/** What the tool stack's tests share: kernels made on the spot. */
package xen.toolstack.testing;
