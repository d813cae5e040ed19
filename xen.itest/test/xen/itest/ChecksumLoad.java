package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** Shell loops in a Debian guest that print a checksum again and again: it must always be the right one. */
final class ChecksumLoad {
	private static final int NUMBERS = 20_000;

	private final RunningGuest guest;

	/** Begins {@code loops} of them and waits for the first sum. */
	ChecksumLoad(RunningGuest guest, int loops) {
		this.guest = guest;
		for (int i = 0; i < loops; i++) guest.type("(until [ -e /stop ]; do seq 1 " + NUMBERS + " | sha256sum; done; echo en''ded) &\n");
		guest.await("  -\n");
	}

	/** Lets them make three sums more, however fast the test was, then end, powers the guest off, and compares all sums. */
	void end() throws Exception {
		int before = sums().size();
		guest.await("three more sums", () -> sums().size() >= before + 3);
		guest.type("touch /stop\n");
		guest.await("ended");
		guest.type("poweroff\n");
		guest.awaitPowerOff();
		assertTrue("sums " + sums().size(), sums().size() > 2);
		StringBuilder numbers = new StringBuilder();
		for (int i = 1; i <= NUMBERS; i++) numbers.append(i).append('\n');
		String right = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(numbers.toString().getBytes(StandardCharsets.US_ASCII)));
		assertEquals(List.of(right), sums().stream().distinct().toList());
		assertTrue(guest.console(), guest.console().lines().noneMatch(l -> l.matches(".*(WARNING|BUG:|Oops|rcu: INFO).*")));
	}

	private List<String> sums() {
		return guest.console().lines().filter(l -> l.matches("[0-9a-f]{64}  -")).map(l -> l.substring(0, 64)).toList();
	}
}
