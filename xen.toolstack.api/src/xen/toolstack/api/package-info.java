/** What the tool stack offers to shells and drivers: domains by configuration, their consoles, and xenstore. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.toolstack.api;
