package xen.toolstack.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SymbolTableTest {
    @Test void addressesGetTheNameBelowThem(@TempDir Path dir) throws IOException {
        Path map = Files.writeString(dir.resolve("System.map"), """
                ffffffff81000000 T _text
                ffffffff81000010 T startup_64
                not a line of it
                ffffffff81000200 t helper
                """);
        SymbolTable table = SymbolTable.read(map);
        assertThat(table.name(0xffffffff81000010L)).contains("startup_64");
        assertThat(table.name(0xffffffff81000123L)).contains("startup_64+0x113");
        assertThat(table.name(0xffffffff80ffffffL)).isEmpty();
        assertThat(table.name(0xffffffff91000000L)).isEmpty();
    }

    @Test void anImageWithoutSymbolsHasNone() {
        assertThat(KernelImage.of("k", xen.toolstack.testing.TestKernel.linux().elf()).symbols().isEmpty()).isTrue();
    }
}
