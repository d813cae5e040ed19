/**
 * The subcommands boot, create and debian: all three make a {@link xen.toolstack.api.DomainSpec} and hand it to one
 * {@link xen.toolstack.command.BootSession}, so they share options, streams, limits and exit statuses.
 */
package xen.toolstack.command;
