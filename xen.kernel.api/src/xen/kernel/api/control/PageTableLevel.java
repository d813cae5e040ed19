package xen.kernel.api.control;

/** Levels of page tables; ordinal + 1 is the level and Xen's PGT_l*_page_table type. */
public enum PageTableLevel { L1, L2, L3, L4 }
