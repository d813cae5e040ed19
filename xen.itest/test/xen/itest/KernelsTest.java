package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The other kernels that Debian has for PV guests, with other packings and other configurations: to their shells and to power-off. */
@Tag("slow")
class KernelsTest {
	@ParameterizedTest
	@ValueSource(strings = {"generic", "backports"})
	void theKernelRunsCommandsAndPowersOff(String kernel) {
		Debian.missing(kernel).ifPresent(why -> Assumptions.abort(why));
		Xen.Outcome o = Xen.run("debian", "--kernel", kernel, "-c", "uname -r; dmesg | grep -E 'WARNING|BUG' || echo clean", "--timeout", "240");
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out()).contains("xen-init: ready").containsPattern("(?m)^6\\.\\d+\\.\\d+").containsPattern("(?m)^clean$");
	}
}
