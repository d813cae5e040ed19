/** Drivers that want more than they have, or do not come back. Their classes go into bundles of their own. */
package xen.itest.hostile;
