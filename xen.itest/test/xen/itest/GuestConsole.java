package xen.itest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What a guest prints. Text comes in on the timeline. */
final class GuestConsole {
	private static final long LIMIT_SECONDS = 120;

	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	synchronized void heard(byte[] more) {
		bytes.writeBytes(more);
		notifyAll();
	}

	/** Without carriage returns. */
	synchronized String text() {
		return bytes.toString(StandardCharsets.UTF_8).replace("\r", "");
	}

	/** Waits for the text; false when it did not come in time. */
	synchronized boolean await(String text) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		try {
			while (!text().contains(text)) {
				long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
				if (left <= 0) return false;
				wait(left);
			}
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(e);
		}
		return true;
	}
}
