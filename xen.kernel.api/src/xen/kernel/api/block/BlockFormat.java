package xen.kernel.api.block;

import java.io.IOException;

/** A kind of disk image; a service with property {@code xen.block.format} = its name ("raw", "qcow2", "ram"). */
public interface BlockFormat {
    /**
     * Opens an image. May block.
     *
     * @param target a file name; for "ram" a size like {@code 64M}
     * @throws IOException with a message that names the file, what is wrong with it, and what to do
     */
    BlockBacking open(String target, boolean readOnly) throws IOException;
}
