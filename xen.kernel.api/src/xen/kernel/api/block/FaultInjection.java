package xen.kernel.api.block;

/** What a {@link BlockControl} may be besides: one whose driver can be made to fail, to see that guests do not notice. */
public interface FaultInjection {
    /** Makes the driver fail so at the next request it gets; HypervisorException when there is none. */
    void injectFault(DriverFault fault);
}
