package xen.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    private static Options parse(String line) { return Options.parse(List.of(line.split(" "))); }

    @Test void aSweepNamesASchedulerAParameterAndItsValues() {
        Options o = parse("spin --sweep gang:slot.us=1000,5000 --seed 7 --set rr:slice.us=250");
        assertThat(o.name).isEqualTo("spin");
        assertThat(o.seed).isEqualTo(7);
        assertThat(o.sweep.values()).containsExactly("1000", "5000");
        assertThat(o.sweep.with("1000")).isEqualTo("gang:slot.us=1000");
        assertThat(o.set).singleElement().isEqualTo(new Options.Parameter("rr", "slice.us", List.of("250")));
    }

    @Test void helpIsAskedForByItsOption() { assertThat(parse("spin --help").name).isNull(); }

    @ParameterizedTest
    @ValueSource(strings = {"spin --sweep gang", "spin --sweep gang:slot.us", "spin --sweep gang:slot.us=1,,2", "spin --set gang:slot.us=1,2", "spin --seed x", "spin --colour red",
            "spin latency", "spin --json"})
    void whatIsWrongIsRefused(String line) { assertThat(parse(line)).isNull(); }
}
