package xen.shell.machine;

import java.util.LinkedHashMap;
import java.util.Map;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;

/** {@link MachineSettings} as a value, every part checked. */
public record MachineChoice(long memory, Topology topology, String time, String scheduler, String machine, String engine) {
	private static final long LEAST = 64, MOST = 1 << 20;

	public MachineChoice {
		if (memory < LEAST || memory > MOST) throw refused("memory", Long.toString(memory), LEAST + " to " + MOST + " MiB are possible");
		if (!time.equals("auto")) timeMode(time);
	}

	static MachineChoice of(MachineSettings s) {
		return new MachineChoice(s.memory(), parseTopology(s.topology()), s.time(), s.scheduler(), s.machine(), s.engine());
	}

	/** A copy with one part changed. */
	public MachineChoice with(String key, String value) {
		return switch (key) {
			case "memory" -> new MachineChoice(number(value), topology, time, scheduler, machine, engine);
			case "topology" -> new MachineChoice(memory, parseTopology(value), time, scheduler, machine, engine);
			case "time" -> new MachineChoice(memory, topology, value, scheduler, machine, engine);
			case "scheduler" -> new MachineChoice(memory, topology, time, value, machine, engine);
			case "machine" -> new MachineChoice(memory, topology, time, scheduler, value, engine);
			case "engine" -> new MachineChoice(memory, topology, time, scheduler, machine, value);
			default -> throw new CommandFailure(CliCommand.USAGE, "'" + key + "' is no setting of the machine; there are " + String.join(", ", asMap().keySet()));
		};
	}

	/** By the keys of the configuration. */
	public Map<String, Object> asMap() {
		Map<String, Object> m = new LinkedHashMap<>();
		m.put("memory", memory);
		m.put("topology", topology.toString());
		m.put("time", time);
		m.put("scheduler", scheduler);
		m.put("machine", machine);
		m.put("engine", engine);
		return m;
	}

	/** @param terminal what {@code time=auto} depends on */
	MachineConfig config(boolean terminal) {
		TimeMode mode = time.equals("auto") ? terminal ? TimeMode.REAL : TimeMode.VIRTUAL : timeMode(time);
		return new MachineConfig(memory << 20, topology, mode, named(machine), named(scheduler), MachineConfig.DEFAULT_HZ);
	}

	private static String named(String name) {
		return name.equals("any") || name.isEmpty() ? null : name;
	}

	private static TimeMode timeMode(String text) {
		return switch (text) {
			case "virtual" -> TimeMode.VIRTUAL;
			case "real" -> TimeMode.REAL;
			default -> throw refused("time", text, "auto, virtual and real are possible");
		};
	}

	private static Topology parseTopology(String text) {
		try {
			return Topology.parse(text);
		} catch (IllegalArgumentException e) {
			throw new CommandFailure(CliCommand.USAGE, e.getMessage());
		}
	}

	private static long number(String text) {
		if (!text.matches("[0-9]{1,9}")) throw refused("memory", text, "a number of MiB is expected");
		return Long.parseLong(text);
	}

	private static CommandFailure refused(String key, String value, String why) {
		return new CommandFailure(CliCommand.USAGE, "machine: " + key + "=" + value + ": " + why);
	}
}
