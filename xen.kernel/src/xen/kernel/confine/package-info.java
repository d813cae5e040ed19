/**
 * What keeps a driver bundle to what it has. A driver bundle is one that provides the capability {@code xen.driver}; only such a bundle's
 * services are taken as drivers ({@link xen.kernel.confine.Confinement}), and such a bundle
 * <ul>
 * <li>resolves to nothing but the driver interface and the log ({@link xen.kernel.confine.DriverWiring});
 * <li>finds no service, and shows none but drivers ({@link xen.kernel.confine.DriverServices});
 * <li>has no class that names anything but what {@link xen.kernel.confine.DriverRights} lists, checked in the constant pool, by which all
 *     that bytecode can reach must go ({@link xen.kernel.confine.Inspection});
 * <li>runs with checks in its loops and methods by which it can be ended ({@link xen.kernel.confine.FenceWeaver}).
 * </ul>
 * Without threads, files, class loaders, reflection, monitors and services of its own, what is left to a driver is the object it is given.
 * Not held back: memory (the heap is everybody's), and time in permitted methods of the JDK that work on very large or cyclic structures.
 */
package xen.kernel.confine;
