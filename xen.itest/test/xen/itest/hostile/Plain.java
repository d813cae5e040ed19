package xen.itest.hostile;

import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.Vbd;

/** The least that a driver must do. */
public class Plain implements BlockBackend {
	private final BlockDomain domain;

	public Plain(BlockDomain domain) { this.domain = domain; }

	@Override public void attach(Vbd vbd) {}
	@Override public void detach(Vbd vbd) {}

	@Override public void request(BlockRequest r) {
		for (int i = 0; r.op().transfers() && i < r.segments(); i++) {
			BlockGrant g = domain.map(r, i);
			if (g != null) r.bind(i, g);
		}
		domain.submit(r);
	}

	@Override public void completed(BlockRequest r) {
		for (int i = 0; r.op().transfers() && i < r.segments(); i++) if (r.bound(i) != null) r.bound(i).close();
		domain.complete(r, r.failed() ? BlockDomain.ERROR : BlockDomain.OK);
	}
}
