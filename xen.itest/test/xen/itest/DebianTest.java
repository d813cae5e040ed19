package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One boot of Debian's cloud kernel runs a script in its shell; each test looks at one part of what that printed. */
@Tag("slow")
class DebianTest {
	private static final int MIB = 1 << 20;
	private static final String SCRIPT = """
			part() { echo; echo "== $1"; }
			cd /tmp
			part uname; uname -sm
			part cpuinfo; cat /proc/cpuinfo
			part free; free
			part uptime; cat /proc/uptime
			part date; a=$(date +%s); sleep 3; b=$(date +%s); echo $((b - a)); date +%Y
			part pipeline; seq 1 1000 | grep 7 | sort -rn | head -n 3 | tr '\\n' ' '; cat /proc/mounts | wc -l
			seq 1 200000 | head -c 1048576 > mib
			part sha256; i=0; while [ $i -lt 64 ]; do cat mib; i=$((i + 1)); done | sha256sum
			part gzip; head -c 300000 /bin/busybox > some; gzip -c some > some.gz; gunzip -c some.gz | cmp - some && echo same; wc -c < some.gz
			part forks; i=0; n=0; while [ $i -lt 200 ]; do /bin/sh -c 'exit 7'; [ $? = 7 ] && n=$((n + 1)); i=$((i + 1)); done; echo $n
			part signals; trap 'echo caught' USR1; kill -USR1 $$; sh -c 'kill -SEGV $$'; echo $?; sleep 100 & p=$!; kill $p; wait $p; echo $?; timeout 1 sleep 50; echo $?
			part awk; awk 'BEGIN { for (i = 1; i <= 10000; i++) h += 1 / i; r = 1; for (i = 0; i < 20; i++) r = (r + 2 / r) / 2; t = 1; for (i = 1; i < 30; i++) { e += t; t /= i } printf "%.17g %.17g %.17g\\n", h, r, e }'
			part bc; echo '2^200; scale=30; 22/7' | bc
			part maps; MAP_LOOP; ./maps; echo $?; STORE_TO_CODE; ./store; echo $?
			part ia32; GETPPID_32; ./getppid; [ $? = $(($$ & 255)) ] && echo right
			part tainted; cat /proc/sys/kernel/tainted
			part dmesg; dmesg
			part end
			poweroff
			""".replace("MAP_LOOP", TinyPrograms.write("maps", TinyPrograms.MAP_LOOP)).replace("STORE_TO_CODE", TinyPrograms.write("store", TinyPrograms.STORE_TO_CODE))
			.replace("GETPPID_32", TinyPrograms.write("getppid", TinyPrograms.GETPPID_32));

	private static Xen.Outcome outcome;
	private static final Map<String, String> PARTS = new HashMap<>();

	@BeforeAll
	static void boot() {
		Debian.missing("cloud").ifPresent(why -> Assumptions.abort(why));
		outcome = Xen.run("debian", "-c", SCRIPT, "--timeout", "240");
		// what the kernel says in between is not the programs' output
		String printed = outcome.out().replaceAll("(?m)^\\[ *\\d+\\.\\d+] (process|store\\[|Code:).*\n", "");
		for (String part : printed.split("(?m)^== ")) {
			int end = part.indexOf('\n');
			if (end > 0) PARTS.put(part.substring(0, end), part.substring(end + 1).strip());
		}
		if (!PARTS.containsKey("end")) throw new AssertionError("the script did not come to its end: " + outcome);
	}

	@Test
	void poweroffEndsWithStatusZero() {
		assertThat(outcome.status()).as(outcome::toString).isZero();
		assertThat(outcome.err()).doesNotContain("Exception", "\tat ");
	}

	@Test
	void itIsLinuxOnThisMachine() {
		assertThat(PARTS.get("uname")).isEqualTo("Linux x86_64");
		assertThat(PARTS.get("cpuinfo")).contains("vendor_id", "x86smp", "flags").containsPattern("processor\\s*: 0").doesNotContainPattern("processor\\s*: 1");
	}

	@Test
	void theKernelLogHasNoWarning() {
		assertThat(PARTS.get("dmesg")).contains("Hypervisor detected: Xen PV");
		assertThat(PARTS.get("dmesg").lines().filter(l -> l.matches(".*(WARNING|BUG|Oops|Call Trace|Firmware Bug|unchecked MSR).*")).toList()).isEmpty();
		assertThat(PARTS.get("tainted")).isEqualTo("0");
	}

	@Test
	void itHasTheMemoryItWasGiven() {
		int kib = Integer.parseInt(PARTS.get("free").lines().filter(l -> l.startsWith("Mem:")).findFirst().orElseThrow().split(" +")[1]);
		assertThat(kib).isBetween(190_000, 256 << 10);
	}

	@Test
	void dateAdvances() {
		String[] lines = PARTS.get("date").split("\n");
		assertThat(Integer.parseInt(lines[0])).isBetween(3, 4);
		assertThat(Integer.parseInt(lines[1])).isGreaterThanOrEqualTo(2024);
	}

	@Test
	void pipelinesWork() {
		assertThat(PARTS.get("pipeline")).startsWith("997 987 979 ");
	}

	@Test
	void sha256Of64MiBIsTheHosts() throws Exception {
		StringBuilder s = new StringBuilder();
		for (int i = 1; s.length() < MIB; i++) s.append(i).append('\n');
		byte[] mib = s.substring(0, MIB).getBytes(StandardCharsets.US_ASCII);
		MessageDigest digest = MessageDigest.getInstance("SHA-256");
		for (int i = 0; i < 64; i++) digest.update(mib);
		assertThat(PARTS.get("sha256")).isEqualTo(HexFormat.of().formatHex(digest.digest()) + "  -");
	}

	@Test
	void gzipRoundTripGivesTheSame() {
		String[] lines = PARTS.get("gzip").split("\n");
		assertThat(lines[0]).isEqualTo("same");
		assertThat(Integer.parseInt(lines[1])).isBetween(50_000, 290_000);
	}

	@Test
	void twoHundredForksAndExecsComeBack() {
		assertThat(PARTS.get("forks")).isEqualTo("200");
	}

	@Test
	void signalsReachHandlersAndKill() {
		assertThat(PARTS.get("signals").lines().filter(l -> l.matches("caught|\\d+")).toList()).containsExactly("caught", "139", "143", "143");
	}

	@Test
	void floatingPointIsExact() {
		double h = 0, r = 1, e = 0, t = 1;
		for (int i = 1; i <= 10000; i++) h += 1.0 / i;
		for (int i = 0; i < 20; i++) r = (r + 2 / r) / 2;
		for (int i = 1; i < 30; i++) {
			e += t;
			t /= i;
		}
		assertThat(Arrays.stream(PARTS.get("awk").split(" ")).map(Double::valueOf)).containsExactly(h, r, e);
	}

	@Test
	void longArithmeticIsExact() {
		assertThat(PARTS.get("bc").lines().toList()).containsExactly("1606938044258990275541962092341162602522202993782792835301376", "3.142857142857142857142857142857");
	}

	@Test
	void mapsProtectsAndUnmapsInALoop() {
		assertThat(PARTS.get("maps").lines().filter(l -> l.matches("\\d+")).toList()).containsExactly("0", "139");
	}

	@Test
	void a32BitProgramMakesAThousandSystemCalls() {
		assertThat(PARTS.get("ia32")).isEqualTo("right");
	}
}
