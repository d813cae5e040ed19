package xen.toolstack.save;

import java.nio.file.Path;
import xen.toolstack.api.ToolstackException;

/** Numbers of the file format, little-endian; see docs/snapshot.md. */
final class SnapshotFormat {
    static final long MAGIC = 0x50414e534a4e4558L;
    static final int VERSION = 1, PAGE = 4096;
    /** Header: magic, version, page size, file length, sections, CRC-32C of the header with this field 0. */
    static final int AT_VERSION = 8, AT_PAGE = 12, AT_LENGTH = 16, AT_COUNT = 24, AT_CRC = 28, AT_TABLE = 32;
    /** A row of the section table: name of 8 bytes, offset, length, CRC-32C, reserved. */
    static final int ROW = 32, MOST_SECTIONS = 16;
    static final String META = "meta", CORE = "core", FRAMES = "frames", TOOLS = "tools", RUNS = "runs", MEMORY = "memory";
    /** Sections other than memory are read whole. */
    static final int MOST_BYTES = 64 << 20;
    static final String AGAIN = "save the domain again";

    private SnapshotFormat() {}

    static ToolstackException bad(Path file, String cause) { return new ToolstackException(file + ": no usable snapshot: " + cause + "; " + AGAIN); }

    static long pad(long n) { return n + PAGE - 1 & -PAGE; }
}
