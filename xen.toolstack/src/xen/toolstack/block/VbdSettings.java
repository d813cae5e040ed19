package xen.toolstack.block;

import java.util.Locale;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.ServiceClass;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.VirtualDisks;

/** A factory configuration {@code xen.vbd}: the share of one virtual disk of one domain, whenever there is such a domain. */
@Component(service = VbdSettings.class, configurationPid = VbdSettings.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = VbdSettings.Config.class, factory = true)
public final class VbdSettings {
    static final String PID = "xen.vbd";
    private static final Logger LOG = LoggerFactory.getLogger(VbdSettings.class);

    /** What can be set. */
    @ObjectClassDefinition(name = "xen.vbd", description = "Share of a virtual disk")
    public @interface Config {
        @AttributeDefinition(description = "name of the domain")
        String domain();

        @AttributeDefinition(description = "name of the disk in the guest")
        String vdev() default "xvda";

        @AttributeDefinition(description = "share relative to others, 1 to 65535", min = "1", max = "65535")
        int weight() default 256;

        @AttributeDefinition(description = "what the domain wants of it", options = {@Option("interactive"), @Option("throughput"), @Option("realtime")})
        String service_class() default "interactive";

        @AttributeDefinition(description = "requests a second promised to the class realtime, 0 = none", min = "0")
        int reservation() default 0;

        @AttributeDefinition(description = "most requests a second, 0 = any number; mclock keeps it", min = "0")
        int limit() default 0;
    }

    private final Config config;

    @Activate public VbdSettings(Config config) { this.config = config; }

    /** Applies it if it is meant for that domain; a mistake in it is told and changes nothing. */
    public void apply(String domain, VirtualDisks disks) {
        if (!domain.equals(config.domain()) || disks.list().stream().noneMatch(d -> d.vdev().equals(config.vdev()))) {
            return;
        }
        try {
            disks.parameters(config.vdev(), config.weight(), ServiceClass.valueOf(config.service_class().toUpperCase(Locale.ROOT)),
                    config.reservation(), config.limit());
        } catch (IllegalArgumentException | ToolstackException | xen.kernel.api.control.HypervisorException e) {
            LOG.warn("configuration {} of {} {}: {}", PID, domain, config.vdev(), e.getMessage());
        }
    }
}
