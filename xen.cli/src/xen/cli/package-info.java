/**
 * The command line's dispatcher: takes the process's arguments from the launcher, finds the subcommand among the
 * services ({@link xen.kernel.api.cli.CliCommand}), runs it, and returns its status to the launcher. Only {@code commands}
 * is its own.
 */
package xen.cli;
