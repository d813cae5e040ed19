/**
 * The domain builder: layout, page tables and start_info of a 64-bit PV guest. The layout is pure arithmetic; filling goes through the
 * privileged calls, so a fake of them is all that its tests need.
 */
package xen.toolstack.builder;
