package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.debian.DebianCache;

/** GRUB's PV image, which is no Linux: a hypercall page of its own, a prompt, typed commands. */
@Tag("slow")
class GrubTest {
	private static final long LIMIT_SECONDS = 120;

	@Test
	void grubTakesTypedCommandsAndHalts() throws Exception {
		Xen.Running run = Xen.start("boot", image().toString(), "--timeout", "110");
		awaitText(run, "grub>");
		type(run, "set word=typed\n");
		type(run, "echo \"a $word line\"\n");
		awaitText(run, "\na typed line");
		type(run, "nosuchcommand\n");
		awaitText(run, "can't find command `nosuchcommand'");
		type(run, "halt\n");
		Xen.Outcome o = Xen.finish(run);
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.err()).isEmpty();
	}

	private static Path image() {
		try {
			return new DebianCache(DebianCache.defaultFolder(), text -> {}, false).grub().file();
		} catch (ToolstackException e) {
			return Assumptions.abort("GRUB's PV image cannot be had: " + e.getMessage());
		}
	}

	static void type(Xen.Running run, String text) throws IOException {
		OutputStream keyboard = run.process().getOutputStream();
		keyboard.write(text.getBytes(StandardCharsets.US_ASCII));
		keyboard.flush();
	}

	static void awaitText(Xen.Running run, String text) throws Exception {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		while (!plain(run).contains(text)) {
			if (System.nanoTime() > end || !run.process().isAlive()) throw new AssertionError("no '" + text + "': " + plain(run) + "\n" + Xen.finish(run));
			run.process().waitFor(50, TimeUnit.MILLISECONDS);
		}
	}

	/** Without the terminal's control sequences. */
	private static String plain(Xen.Running run) throws IOException {
		return Xen.text(run.out()).replaceAll("\033\\[[0-9;?]*[A-Za-z]", "");
	}
}
