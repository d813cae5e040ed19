package xen.toolstack.save;

import static xen.toolstack.save.SnapshotFormat.*;

import java.io.IOException;
import java.nio.file.Path;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.RestoringDomain;
import xen.kernel.api.hw.MachineMemory;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.ToolstackException;

/** A snapshot as the domain manager uses it: written in one call, read part by part. One thread. */
public final class DomainFile implements AutoCloseable {
    private final SnapshotFile file;
    private final Meta meta;
    private DomainImage image;
    private ToolState tools;

    private DomainFile(SnapshotFile file) {
        this.file = file;
        meta = Meta.of(file);
    }

    /** With the machine standing still; {@code instructions} and {@code nanos} for those who read. */
    public static SavedDomain write(Path path, DomainImage image, DomainSpec spec, MachineConfig machine, ToolState tools, MachineMemory memory, long instructions,
            long nanos) {
        try (SnapshotWriter w = new SnapshotWriter(path)) {
            int[] runs = ImageCodec.runs(image, memory);
            w.section(META, Meta.bytes(spec, machine, instructions, nanos, image.settled()));
            w.section(CORE, image.state());
            w.section(FRAMES, ImageCodec.frames(image));
            w.section(TOOLS, tools.bytes());
            w.section(RUNS, ImageCodec.runs(runs));
            w.memory(ImageCodec.addresses(runs, image.mfns(), memory));
            w.finish();
        } catch (IOException e) {
            throw new ToolstackException(path + ": cannot write the snapshot: " + e + "; give another --save or make room", e);
        }
        return read(path);
    }

    public static DomainFile open(Path path) {
        SnapshotFile f = SnapshotFile.open(path);
        try {
            return new DomainFile(f);
        } catch (RuntimeException e) {
            f.close();
            throw e;
        }
    }

    public static SavedDomain read(Path path) {
        try (DomainFile f = open(path)) {
            return f.summary();
        }
    }

    public SavedDomain summary() {
        return new SavedDomain(file.path, spec(), meta.machine(), meta.settled(), meta.number("instructions"), meta.number("nanos"), file.pages(),
                file.path.toFile().length());
    }

    public Path path() { return file.path; }

    public DomainSpec spec() { return meta.spec(tools().disks().stream().map(ToolState.SavedDisk::words).toList()); }

    public DomainImage image() {
        if (image == null) {
            image = ImageCodec.image(file.path, file.buffer(FRAMES), file.bytes(CORE));
        }
        return image;
    }

    public ToolState tools() {
        if (tools == null) {
            tools = ToolState.of(file.path, file.bytes(TOOLS));
        }
        return tools;
    }

    /** Fills the frames in; where they have other numbers, everything that names them follows. @return what a frame's number is now, for nodes */
    public java.util.function.LongUnaryOperator fill(RestoringDomain domain, MachineMemory memory) {
        int[] runs = ImageCodec.runs(file.path, file.buffer(RUNS), image().mfns().length, file.pages());
        long[] mfns = domain.mfns();
        file.memory(ImageCodec.addresses(runs, mfns, memory));
        if (!domain.moved()) {
            return mfn -> mfn;
        }
        Renumbering r = new Renumbering(file.path, image(), mfns, memory);
        r.apply(tools().startInfo());
        return r::now;
    }

    @Override public void close() { file.close(); }
}
