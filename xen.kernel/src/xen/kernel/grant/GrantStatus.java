package xen.kernel.grant;

/** GNTST_* of the ABI: the result of each single grant operation. */
final class GrantStatus {
    static final int OKAY = 0, GENERAL_ERROR = -1, BAD_DOMAIN = -2, BAD_GNTREF = -3, BAD_HANDLE = -4, BAD_VIRT_ADDR = -5, BAD_DEV_ADDR = -6,
            PERMISSION_DENIED = -8, BAD_PAGE = -9, BAD_COPY_ARG = -10, EAGAIN = -12;

    private GrantStatus() {}
}
