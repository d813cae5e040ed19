/**
 * Snapshots of domains in files, and domains out of them: docs/snapshot.md describes the file. The core gives and takes its own state as
 * a {@link xen.kernel.api.control.DomainImage}; here it is put into a file beside the frames' contents, the back ends' state (console,
 * xenstore connection and nodes, disks) and a description in words. A file is a stranger's: the header and every section have checksums
 * against accidents, and everything behind them is read with bounds, because a checksum can be made to fit.
 */
package xen.toolstack.save;
