package xen.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import xen.kernel.api.cli.CommandFailure;

class FiguresTest {
	private final Figures figures = new Figures();

	@Test
	void groupsAreObjectsInJson() {
		figures.add("n", 3, "");
		figures.group("native").group("crc").add("mips", 1.5, "MIPS").add("ratio", 2, "x");
		assertThat(figures.json().replaceAll("\\s", "")).isEqualTo("{\"n\":3,\"native\":{\"crc\":{\"mips\":1.500,\"ratio\":2}}}");
	}

	@Test
	void theInnermostGroupIsOneLineOfText() {
		figures.group("native").group("crc").add("mips", 1.5, "MIPS").add("ratio", 2, "x");
		assertThat(figures.text().lines()).containsExactly("native crc                      mips 1.500  ratio 2");
	}

	@Test
	void whatCannotBeComputedIsNullInJson() {
		assertThat(figures.add("ratio", Double.NaN, "x").json()).contains("\"ratio\": null");
	}

	@Test
	void mediansAndGeometricMeans() {
		assertThat(Statistics.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
		assertThat(Statistics.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
		assertThat(Statistics.geometricMean(DoubleStream.of(2, 8))).isCloseTo(4, org.assertj.core.data.Offset.offset(1e-9));
	}

	@Test
	void anUnknownOptionIsRefusedWithTheUsage() {
		assertThatThrownBy(() -> new Arguments("./xen bench x [--a N]", List.of("--b", "1"), "--a")).isInstanceOf(CommandFailure.class).hasMessageContaining("./xen bench x");
		assertThatThrownBy(() -> new Arguments("u", List.of("--a"), "--a")).isInstanceOf(CommandFailure.class);
		assertThatThrownBy(() -> new Arguments("u", List.of("--a", "0"), "--a").number("--a", 1)).isInstanceOf(CommandFailure.class);
	}

	@Test
	void optionsHaveDefaults() {
		Arguments a = new Arguments("u", List.of("--a", "x,y"), "--a", "--b");
		assertThat(a.list("--a", "z")).containsExactly("x", "y");
		assertThat(a.number("--b", 7)).isEqualTo(7);
	}
}
