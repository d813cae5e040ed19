/**
 * The build driver: builds the Bndtools workspace in one JVM on bnd's own libraries.
 *
 * <p>Who calls it: only the {@code xen} script, with the workspace folder in {@code xen.workspace}. bnd's model
 * ({@code bnd.bnd} files) says what is built; this package adds what an IDE would do around it: javac, copying
 * resources, staleness, running tests. It knows no bundle by name except {@code xen.itest}, whose tests run in a
 * framework and therefore in a process of their own.
 */
package xen.build;
