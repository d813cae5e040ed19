package xen.shell.commands;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import xen.toolstack.api.XenStore;

/** Paths and values. */
final class FakeStore implements XenStore {
	final TreeMap<String, String> nodes = new TreeMap<>();

	@Override
	public Optional<String> read(String path) {
		if (!path.startsWith("/")) throw new IllegalArgumentException(path + ": not absolute");
		return Optional.ofNullable(nodes.get(path));
	}

	@Override
	public void write(String path, String value) {
		nodes.put(path, value);
	}

	@Override
	public void mkdir(String path) {
		nodes.putIfAbsent(path, "");
	}

	@Override
	public void remove(String path) {
		nodes.keySet().removeIf(p -> p.equals(path) || p.startsWith(path + "/"));
	}

	@Override
	public List<String> list(String path) {
		String prefix = path.equals("/") ? "/" : path + "/";
		return nodes.keySet().stream().filter(p -> p.startsWith(prefix) && p.indexOf('/', prefix.length()) < 0).map(p -> p.substring(prefix.length())).toList();
	}

	@Override
	public void setPermissions(String path, String... permissions) {
		throw new UnsupportedOperationException();
	}

	@Override
	public List<String> permissions(String path) {
		return List.of("n0", "r1");
	}

	@Override
	public AutoCloseable watch(String path, Consumer<String> listener) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void transaction(Consumer<XenStore> changes) {
		changes.accept(this);
	}
}
