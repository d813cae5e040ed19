package xen.bench.disk;

import java.lang.reflect.Constructor;
import java.util.Map;
import xen.drv.blk.BlkDriverComponent;
import xen.hw.disk.NullFormat;
import xen.hw.disk.RamFormat;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.DiskModelFactory;
import xen.kernel.api.block.DiskSchedulerFactory;
import xen.kernel.driver.BlockComponent;

/** Core, driver and disks without a framework. */
final class DiskBed {
	final BlockComponent cores = new BlockComponent(null, null);
	final BlockDriver driver = new BlkDriverComponent();

	DiskBed() {
		cores.addFormat(new RamFormat(), Map.of("xen.block.format", "ram"));
		cores.addFormat(new NullFormat(), Map.of("xen.block.format", "null"));
		Map.of("clook", "peers.CLook$Factory", "sfq", "peers.Sfq$Factory", "mclock", "peers.MClock$Factory", "rr", "rr.RrComponent",
				"cello", "cello.CelloComponent$ByTime", "cello-bytes", "cello.CelloComponent$ByBytes").forEach((name, type) ->
				cores.addScheduler((DiskSchedulerFactory) make("xen.disk." + type), Map.of("xen.disk.scheduler", name)));
		for (String model : new String[] {"Ssd", "Hdd"}) {
			cores.addModel((DiskModelFactory) make("xen.hw.disk." + model + "Model$Factory"), Map.of("xen.disk.model", model.toLowerCase()));
		}
	}

	private static Object make(String name) {
		try {
			Constructor<?> c = Class.forName(name).getDeclaredConstructor();
			c.setAccessible(true);
			return c.newInstance();
		} catch (ReflectiveOperationException e) {
			throw new AssertionError(e);
		}
	}
}
