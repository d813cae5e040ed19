package xen.dist.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class LogSetupTest {
	@Test
	void logbackFindsTheSetupAsAService() {
		assertThat(ServiceLoader.load(Configurator.class)).hasAtLeastOneElementOfType(LogSetup.class);
	}

	@Test
	@ResourceLock(Resources.SYSTEM_ERR)
	@ResourceLock(Resources.SYSTEM_PROPERTIES)
	void warningsGoToStandardErrorAndDebugMessagesOnlyWhenAskedFor() {
		assertThat(said(null)).contains("WARN").contains("a warning").doesNotContain("a detail");
		assertThat(said("DEBUG")).contains("a warning").contains("a detail");
		assertThat(said("OFF")).isEmpty();
	}

	private static String said(String level) {
		PrintStream err = System.err;
		String before = System.getProperty("xen.log");
		ByteArrayOutputStream text = new ByteArrayOutputStream();
		LoggerContext context = new LoggerContext();
		context.setMDCAdapter(new LogbackMDCAdapter());
		try {
			System.setErr(new PrintStream(text, true, StandardCharsets.UTF_8));
			if (level == null) System.clearProperty("xen.log");
			else System.setProperty("xen.log", level);
			LogSetup setup = new LogSetup();
			setup.setContext(context);
			assertThat(setup.configure(context)).isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
			assertThat(context.getLogger("ROOT").getLevel()).isEqualTo(Level.toLevel(level, Level.WARN));
			context.getLogger("xen.some").warn("a warning");
			context.getLogger("xen.some").debug("a detail");
		} finally {
			context.stop();
			System.setErr(err);
			if (before == null) System.clearProperty("xen.log");
			else System.setProperty("xen.log", before);
		}
		return text.toString(StandardCharsets.UTF_8);
	}
}
