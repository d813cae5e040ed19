package xen.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import xen.bench.process.CpuClock;
import xen.bench.process.Program;

/** The kernels in C and in Java are the same computation: shown on the host itself, which needs no engine. */
class KernelTest {
	@Test
	@Tag("slow")
	void theHostsProgramReturnsWhatJavaComputes(@TempDir Path folder) throws Exception {
		assumeTrue(Program.find("gcc") != null && Program.find("ld") != null, "there is no gcc");
		GuestImage image = GuestImage.build(folder);
		try (Runner host = ProgramRunner.host(image.program())) {
			for (Kernel k : Kernel.values()) {
				assertThat(host.run(k, 3).result()).as(k.title()).isEqualTo(k.expected(3));
			}
		}
	}

	@ParameterizedTest
	@EnumSource(Kernel.class)
	void aResultDependsOnTheNumberOfRounds(Kernel k) {
		assertThat(k.expected(2)).isNotEqualTo(k.expected(3));
	}

	@Test
	void crcOfOneRoundIsTheLibrarys() {
		var crc = new java.util.zip.CRC32();
		crc.update(HashKernels.data());
		assertThat(HashKernels.crc(1)).isEqualTo(crc.getValue());
	}

	@Test
	void theWideCodeIsTheSameAtEveryGeneration() {
		assertThat(new WideCode(3, 14, 1).c()).isEqualTo(new WideCode(3, 14, 1).c()).contains("f2(u64 x").doesNotContain("f3(u64 x");
	}

	@Test
	void cpuClocksAdvanceWithWork() {
		long thread = CpuClock.thread(), process = CpuClock.process(ProcessHandle.current().pid());
		long x = Kernel.FP.expected(200);
		assertThat(CpuClock.thread()).as("result %d", x).isGreaterThan(thread);
		assertThat(CpuClock.process(ProcessHandle.current().pid())).isGreaterThan(process);
	}
}
