/**
 * Gogo commands of scope {@code xen}, in xl's words.
 *
 * <p>A group of commands is a plain class (XxxCommands): a public method with a {@code @Descriptor} is a command; its name with hyphens for
 * capitals is what the user types. It returns the text to print, or prints itself when it goes on for a while. Its component (XxxComponent)
 * names the commands for Gogo and is created when the first of them is used. Refusals are {@link xen.kernel.api.cli.CommandFailure}s that
 * say why and what to do next.
 */
package xen.shell.commands;
