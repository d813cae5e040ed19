/**
 * SPI of the command line: a subcommand of {@code ./xen} is a service, so any bundle can bring one.
 *
 * <p>The dispatcher in {@code xen.cli} finds it by {@link xen.kernel.api.cli.CliName} once the distribution has
 * started (an {@link xen.kernel.api.cli.EarlyCommand}: when its first bundles have), runs it on the main thread and ends the process with its status.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package xen.kernel.api.cli;
