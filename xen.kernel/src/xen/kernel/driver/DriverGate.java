package xen.kernel.driver;

/** Decides which driver services are taken: the one who confines their bundles. */
public interface DriverGate {
    /** Why an object of that class is not to be used as a driver; null = it is confined as it must be. */
    String refusal(Class<?> driver);
}
