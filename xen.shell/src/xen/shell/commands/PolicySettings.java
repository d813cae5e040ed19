package xen.shell.commands;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The parameters of schedulers' policies, as Metatype describes them and Config Admin has them. */
interface PolicySettings {
	/** One parameter: its present value, its default, and what it means. */
	record Setting(String key, String value, String otherwise, String meaning) {}

	/**
	 * Parameters of a scheduler, in the order in which it describes them.
	 *
	 * @throws xen.kernel.api.cli.CommandFailure when there is no such scheduler
	 */
	List<Setting> of(String scheduler);

	/**
	 * Sets some, all or none; they count while guests run.
	 *
	 * @throws xen.kernel.api.cli.CommandFailure when a key or value is not possible
	 */
	void set(String scheduler, Map<String, String> values) throws IOException;
}
