package xen.shell.commands;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;

/** A block driver that writes down what it is asked for. */
final class FakeDriver implements BlockControl, FaultInjection {
	final List<String> asked = new ArrayList<>();

	@Override
	public ManagedVbd create(VbdConfig config) {
		throw new UnsupportedOperationException();
	}

	@Override
	public List<ManagedVbd> list() {
		return List.of();
	}

	@Override
	public int maxIndirectSegments() {
		return 256;
	}

	@Override
	public Map<String, String> driver() {
		Map<String, String> m = new TreeMap<>(Map.of("domain", "32751", "state", "running"));
		for (String p : List.of("swap", "crash")) {
			for (String k : List.of("count", "p50.us", "p99.us", "longest.us", "total.us")) m.put("pause." + p + "." + k, "7");
		}
		return m;
	}

	@Override
	public void restartDriver() {
		asked.add("restart");
	}

	@Override
	public void injectFault(DriverFault fault) {
		asked.add("fault " + fault);
	}

	@Override
	public void selectScheduler(String disk, String name) {
		asked.add("scheduler " + name);
	}

	@Override
	public Map<String, String> schedulers() {
		return Map.of("ssd", "fifo");
	}

	@Override
	public Map<String, Map<String, Long>> diskCounters() {
		return Map.of("ssd", Map.of("requests", 3L));
	}
}
