package xen.toolstack.api;

import java.util.Arrays;

/** What becomes of a domain that shut down (xl.cfg's on_poweroff, on_reboot, on_crash). */
public enum EndAction {
    DESTROY, RESTART, PRESERVE;

    /** @param key the configuration key, for the message */
    public static EndAction parse(String key, String value) {
        // core dumps and renamed remains are not kept: the nearest action is taken
        return switch (value) {
            case "coredump-destroy" -> DESTROY;
            case "coredump-restart", "rename-restart", "soft-reset" -> RESTART;
            default -> Arrays.stream(values()).filter(a -> a.name().toLowerCase().equals(value)).findFirst()
                    .orElseThrow(() -> new ToolstackException(key + " = '" + value + "': destroy, restart or preserve are possible"));
        };
    }
}
