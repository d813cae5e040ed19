package xen.kernel.driver;

import org.osgi.framework.Bundle;

/** Decides which driver services are taken: the one who confines their bundles. */
public interface DriverGate {
    /** Loads all of a bundle, without running any of it. @return why its objects are not to be used as drivers; null = it is confined as it must be */
    String refusal(Bundle bundle);

    /** False when its code may call its capability with hardly any stack left. */
    boolean straight(Bundle bundle);
}
