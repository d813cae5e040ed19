package xen.toolstack.store;

import java.util.List;

/** A node of the store by itself; permissions as letters and domids. */
public record SavedNode(String path, byte[] value, List<String> permissions) {}
