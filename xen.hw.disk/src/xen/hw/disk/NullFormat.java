package xen.hw.disk;

import java.io.IOException;
import org.osgi.service.component.annotations.Component;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;

/** A disk without contents, for experiments with models: the target is its size in sectors; nothing is stored, nothing read. */
@Component(property = "xen.block.format=null")
public final class NullFormat implements BlockFormat {
    @Override public BlockBacking open(String target, boolean readOnly) throws IOException {
        if (!target.matches("[0-9]{1,12}")) {
            throw new IOException("'" + target + "' is no number of sectors");
        }
        long sectors = Long.parseLong(target);
        return new BlockBacking() {
            @Override public long sectors() { return sectors; }
            @Override public boolean readOnly() { return readOnly; }
            @Override public void read(long sector, long address, int bytes) {}
            @Override public void write(long sector, long address, int bytes) {}
            @Override public boolean readNow(long sector, long pieces, int count) { return true; }
            @Override public boolean writeNow(long sector, long pieces, int count) { return true; }
            @Override public void flush() {}
            @Override public void close() {}
        };
    }
}
