/** The subcommand {@code run}: a Gogo shell on the terminal, or a list of Gogo commands and the status they end with. */
package xen.shell.run;
