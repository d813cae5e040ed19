/**
 * The block driver: looks at what guests ask for, maps the pages they name, and gives it to the disk. It holds nothing that it cannot
 * lose: mapped pages are a cache, requests are the core's.
 */
package xen.drv.blk;
