/** {@code ./xen bench driver}: the block driver killed and replaced under a Linux guest that checks its files. */
package xen.bench.driver;
