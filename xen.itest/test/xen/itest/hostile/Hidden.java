package xen.itest.hostile;

import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.StartKind;

/** Begins well; the class that does the wrong thing is loaded later. */
public final class Hidden implements BlockDriver {
	/** Loaded when the driver starts, after its own class was looked at. */
	static final class Later {
		static void act() { System.setProperty("xen.itest.hidden", "was here"); }
	}

	@Override public BlockBackend start(BlockDomain domain, StartKind kind) {
		Later.act();
		return new Plain(domain);
	}
}
