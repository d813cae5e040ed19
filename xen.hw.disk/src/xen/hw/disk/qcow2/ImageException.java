package xen.hw.disk.qcow2;

import java.io.IOException;

/** What is wrong with an image: file, cause, next step. */
public final class ImageException extends IOException {
    private static final long serialVersionUID = 1;

    /** The image contradicts itself; else it is only that something cannot be done. */
    public final boolean corrupt;

    public ImageException(String message, boolean corrupt) {
        super(message);
        this.corrupt = corrupt;
    }
}
