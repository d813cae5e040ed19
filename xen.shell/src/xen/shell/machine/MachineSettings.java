package xen.shell.machine;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Configuration of the machine that the shell's first domain switches on. A change counts from the next power-on. */
@ObjectClassDefinition(name = "Machine", description = "The machine that the first xen:create of a shell switches on")
public @interface MachineSettings {
	@AttributeDefinition(description = "Machine memory in MiB; host memory is used only for what guests touch")
	long memory() default 2048;

	@AttributeDefinition(description = "Sockets x cores x threads")
	String topology() default "1x2x1";

	@AttributeDefinition(description = "How machine time goes; auto: real on a terminal, else virtual",
			options = {@Option(value = "auto", label = "auto"), @Option(value = "virtual", label = "virtual"), @Option(value = "real", label = "real")})
	String time() default "auto";

	@AttributeDefinition(description = "Name of the scheduler; any: whichever is installed", required = false)
	String scheduler() default "any";

	@AttributeDefinition(description = "Name of the hardware model; any: whichever is installed", required = false)
	String machine() default "any";

	@AttributeDefinition(description = "CPU engine; auto: the fastest there is", required = false)
	String engine() default "auto";
}
