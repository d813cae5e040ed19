package xen.cpu.bytecode;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells HotSpot by compiler directives how to treat regions: {@link Kind#Warm} ones are not for C2, and whoever makes C1 compile any of them
 * waits until it has, so that {@link Warmer} knows when a region is ready. Another JVM, or one that refuses, compiles as it likes: regions
 * are right all the same, and slow for their first milliseconds.
 */
final class Steering {
    private static final String DIRECTIVES = """
            [{ match: ["xen/cpu/bytecode/Warm*.run"], c1: { BackgroundCompilation: false }, c2: { Exclude: true } },
             { match: ["xen/cpu/bytecode/Hot*.run"], c1: { BackgroundCompilation: false } }]
            """;
    private static final Logger LOG = LoggerFactory.getLogger(Steering.class);

    private Steering() {}

    static void begin() {
        try {
            Path file = Files.createTempFile("xen-regions", ".json");
            try {
                Files.writeString(file, DIRECTIVES);
                ManagementFactory.getPlatformMBeanServer().invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "compilerDirectivesAdd",
                        new Object[] {new String[] {file.toString()}}, new String[] {String[].class.getName()});
            } finally {
                Files.delete(file);
            }
        } catch (IOException | JMException e) {
            LOG.debug("no compiler directives: regions are compiled as the JVM likes", e);
        }
    }
}
