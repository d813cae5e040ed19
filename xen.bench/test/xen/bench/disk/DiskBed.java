package xen.bench.disk;

import java.lang.reflect.Constructor;
import java.util.Map;
import xen.drv.blk.BlkDriverComponent;
import xen.hw.disk.RamFormat;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.DiskModelFactory;
import xen.kernel.driver.BlockComponent;

/** Core, driver and disks without a framework. */
final class DiskBed {
	final BlockComponent cores = new BlockComponent(null);
	final BlockDriver driver = new BlkDriverComponent();

	DiskBed() {
		cores.addFormat(new RamFormat(), Map.of("xen.block.format", "ram"));
		for (String model : new String[] {"Ssd", "Hdd"}) {
			cores.addModel(factory("xen.hw.disk." + model + "Model$Factory"), Map.of("xen.disk.model", model.toLowerCase()));
		}
	}

	private static DiskModelFactory factory(String name) {
		try {
			Constructor<?> c = Class.forName(name).getDeclaredConstructor();
			c.setAccessible(true);
			return (DiskModelFactory) c.newInstance();
		} catch (ReflectiveOperationException e) {
			throw new AssertionError(e);
		}
	}
}
