package xen.dist.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * The log's configuration, found by Logback as a service: standard output belongs to commands and guests, what goes wrong is said on standard error.
 * {@code -Dxen.log=DEBUG} shows more; {@code -Dlogback.configurationFile=FILE} puts a file in its place. In Java, because a start would
 * spend a tenth of its time on reading XML.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
	@Override
	public ExecutionStatus configure(LoggerContext context) {
		if (System.getProperty("logback.configurationFile") != null) return ExecutionStatus.INVOKE_NEXT_IF_ANY;
		PatternLayoutEncoder encoder = new PatternLayoutEncoder();
		encoder.setContext(context);
		encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{24} %msg%n");
		encoder.start();
		OutputStreamAppender<ILoggingEvent> err = new OutputStreamAppender<>();
		err.setContext(context);
		err.setName("err");
		err.setEncoder(encoder);
		err.setOutputStream(System.err);
		err.start();
		Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
		root.setLevel(Level.toLevel(System.getProperty("xen.log"), Level.WARN));
		root.addAppender(err);
		return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
	}
}
