package xen.itest.hostile;

import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.StartKind;

/** Wants nothing. */
public final class Good implements BlockDriver {
	@Override public BlockBackend start(BlockDomain domain, StartKind kind) { return new Plain(domain); }
}
