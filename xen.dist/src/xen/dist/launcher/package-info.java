/**
 * The flat launcher: main class of a distribution's jar, outside the framework. It starts Felix, the distribution's
 * bundles and then whatever main program a bundle offers; it knows no bundle by name.
 *
 * <p>Its conventions are those of bnd's launcher (services with {@code launcher.arguments} and {@code main.thread}),
 * so bundles run under either. It is flat, one class path with framework, logging and terminal library, so that the
 * JDK's AOT cache covers them and JLine finds its terminals.
 */
package xen.dist.launcher;
