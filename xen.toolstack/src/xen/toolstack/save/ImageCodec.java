package xen.toolstack.save;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.hw.MachineMemory;

/** Frames of an image as a section, and which of them have contents. */
final class ImageCodec {
    private static final int HEAD = 20, FRAME = 13;

    private ImageCodec() {}

    static byte[] frames(DomainImage i) {
        int n = i.mfns().length;
        ByteBuffer b = ByteBuffer.allocate(HEAD + n * FRAME).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(i.domid()).putInt(i.vcpus()).putInt(i.settled() ? 1 : 0).putInt((int) i.sharedInfo()).putInt(n);
        for (int f = 0; f < n; f++) {
            b.putInt((int) i.mfns()[f]).putLong(i.pfns()[f]).put(i.kinds()[f]);
        }
        return b.array();
    }

    static DomainImage image(Path file, ByteBuffer b, byte[] state) {
        if (b.remaining() < HEAD) {
            throw SnapshotFormat.bad(file, "its list of frames is cut short");
        }
        int domid = b.getInt(), vcpus = b.getInt(), settled = b.getInt(), sharedInfo = b.getInt(), n = b.getInt();
        if (n < 1 || b.remaining() != (long) n * FRAME || vcpus < 1 || vcpus > 128) {
            throw SnapshotFormat.bad(file, "its list of frames makes no sense: " + n + " frames, " + vcpus + " vCPUs, " + b.remaining() + " bytes");
        }
        long[] mfns = new long[n], pfns = new long[n];
        byte[] kinds = new byte[n];
        for (int f = 0; f < n; f++) {
            mfns[f] = b.getInt() & 0xffff_ffffL;
            pfns[f] = b.getLong();
            kinds[f] = b.get();
        }
        return new DomainImage(domid, vcpus, sharedInfo & 0xffff_ffffL, mfns, pfns, kinds, settled != 0, state);
    }

    /** Frames with contents, as pairs of the place of the first in the image and how many follow each other in place and number. */
    static int[] runs(DomainImage image, MachineMemory memory) {
        List<int[]> runs = new ArrayList<>();
        int[] last = null;
        long[] mfns = image.mfns();
        for (int f = 0; f < mfns.length; f++) {
            if (HostPages.zero(memory.address(mfns[f]))) {
                continue;
            }
            if (last != null && last[0] + last[1] == f && mfns[f] == mfns[f - 1] + 1) {
                last[1]++;
            } else {
                last = new int[] {f, 1};
                runs.add(last);
            }
        }
        return runs.stream().flatMapToInt(java.util.Arrays::stream).toArray();
    }

    static byte[] runs(int[] runs) {
        ByteBuffer b = ByteBuffer.allocate(runs.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int r : runs) {
            b.putInt(r);
        }
        return b.array();
    }

    /** Checked against the frames and the pages that the file has: ascending, inside, as many as there are. */
    static int[] runs(Path file, ByteBuffer b, int frames, long pages) {
        if (b.remaining() % 8 != 0) {
            throw SnapshotFormat.bad(file, "its list of contents is cut short");
        }
        int[] runs = new int[b.remaining() / 4];
        long end = 0, total = 0;
        for (int i = 0; i < runs.length; i += 2) {
            int first = b.getInt(), n = b.getInt();
            if (first < end || n < 1 || first > frames - n) {
                throw SnapshotFormat.bad(file, "its list of contents makes no sense: frames " + first + " to " + ((long) first + n) + " of " + frames);
            }
            end = first + n;
            total += n;
            runs[i] = first;
            runs[i + 1] = n;
        }
        if (total != pages) {
            throw SnapshotFormat.bad(file, "it lists " + total + " pages and has " + pages);
        }
        return runs;
    }

    /** Runs as host addresses and lengths, cut where frames do not follow each other. */
    static long[] addresses(int[] runs, long[] mfns, MachineMemory memory) {
        List<long[]> out = new ArrayList<>();
        for (int i = 0; i < runs.length; i += 2) {
            long[] last = null;
            for (int f = runs[i]; f < runs[i] + runs[i + 1]; f++) {
                if (last != null && mfns[f] == mfns[f - 1] + 1) {
                    last[1]++;
                } else {
                    last = new long[] {memory.address(mfns[f]), 1};
                    out.add(last);
                }
            }
        }
        return out.stream().flatMapToLong(java.util.Arrays::stream).toArray();
    }
}
