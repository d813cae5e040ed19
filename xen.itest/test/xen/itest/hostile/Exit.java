package xen.itest.hostile;

import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.StartKind;

/** Would end everything. */
public final class Exit implements BlockDriver {
	@Override public BlockBackend start(BlockDomain domain, StartKind kind) {
		System.exit(66);
		return null;
	}
}
