package xen.toolstack.command;

import picocli.CommandLine.Option;

/** Options of a guest that no file describes. Filled by picocli. */
final class GuestOptions {
    @Option(names = "--cmdline", paramLabel = "STRING", description = "kernel command line (default: ${DEFAULT-VALUE})")
    String commandLine = "console=hvc0";

    @Option(names = "--memory", paramLabel = "MIB", description = "memory of the guest (default: ${DEFAULT-VALUE})")
    private String memory = "256";

    @Option(names = "--vcpus", paramLabel = "N", description = "virtual CPUs (default: ${DEFAULT-VALUE})")
    int vcpus = 1;

    long memoryMib() { return SessionOptions.memoryMib(memory); }
}
