package xen.toolstack.api;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;

/**
 * A domain as its owner describes it (an xl.cfg file, or options); kept while the domain lives, to build it again after a reboot.
 *
 * @param ramdisk null = none
 * @param memoryMib memory at start; {@code maxMemoryMib} is the most it can balloon to
 * @param vcpus vCPUs that are online at start, of {@code maxVcpus}
 * @param weight scheduler weight, 256 is normal; {@code cap} in percent of one pCPU, 0 = none
 * @param cpus pCPUs the vCPUs may run on; empty = all
 * @param pool name of its CPU pool; null = the first
 * @param symbols vmlinux or System.map for crash reports; null = what the kernel image has
 */
public record DomainSpec(String name, UUID uuid, Path kernel, Path ramdisk, String commandLine, long memoryMib, long maxMemoryMib, int vcpus,
        int maxVcpus, EndAction onPoweroff, EndAction onReboot, EndAction onCrash, int weight, int cap, BitSet cpus, List<String> disks,
        List<String> nics, Path symbols, String pool) {
    public static final int DEFAULT_WEIGHT = 256;

    public DomainSpec {
        if (!name.matches("[A-Za-z0-9_.+-]{1,64}")) {
            throw new ToolstackException("name = '" + name + "': letters, digits and _ . + - are possible, 64 at most");
        }
        if (memoryMib < 1 || maxMemoryMib < memoryMib || maxMemoryMib > 1 << 19) {
            throw new ToolstackException("memory = " + memoryMib + ", maxmem = " + maxMemoryMib
                    + ": memory in MiB is at least 1, maxmem not less than it and at most " + (1 << 19));
        }
        if (vcpus < 1 || maxVcpus < vcpus || maxVcpus > 128) {
            throw new ToolstackException("vcpus = " + vcpus + ", maxvcpus = " + maxVcpus
                    + ": vcpus is at least 1, maxvcpus not less than it and at most 128");
        }
        if (weight < 1 || weight > 65535 || cap < 0) {
            throw new ToolstackException("cpu_weight = " + weight + ", cap = " + cap + ": a weight is 1 to 65535, a cap 0 or more");
        }
        cpus = (BitSet) cpus.clone();
        disks = List.copyOf(disks);
        nics = List.copyOf(nics);
    }

    @Override public BitSet cpus() { return (BitSet) cpus.clone(); }

    /** The same with these disks, in the words of xl.cfg. */
    public DomainSpec withDisks(List<String> words) {
        return new DomainSpec(name, uuid, kernel, ramdisk, commandLine, memoryMib, maxMemoryMib, vcpus, maxVcpus, onPoweroff, onReboot, onCrash,
                weight, cap, cpus, words, nics, symbols, pool);
    }

    /** The same under another name, and so with another UUID. */
    public DomainSpec withName(String other) { return called(other, uuid(other)); }

    /** The same domain, called otherwise. */
    public DomainSpec renamed(String other) { return called(other, uuid); }

    private DomainSpec called(String other, UUID id) {
        return new DomainSpec(other, id, kernel, ramdisk, commandLine, memoryMib, maxMemoryMib, vcpus, maxVcpus, onPoweroff, onReboot, onCrash,
                weight, cap, cpus, disks, nics, symbols, pool);
    }

    private static UUID uuid(String name) { return UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)); }

    /** Pages at start. */
    public long pages() { return memoryMib << 8; }

    public long maxPages() { return maxMemoryMib << 8; }

    /** A spec with defaults for everything else; the UUID follows from the name, so that a run can be repeated exactly. */
    public static DomainSpec simple(String name, Path kernel, Path ramdisk, String commandLine, long memoryMib, int vcpus, Path symbols) {
        return new DomainSpec(name, uuid(name), kernel, ramdisk, commandLine,
                memoryMib, memoryMib, vcpus, vcpus, EndAction.DESTROY, EndAction.RESTART, EndAction.DESTROY, DEFAULT_WEIGHT, 0, new BitSet(),
                List.of(), List.of(), symbols, null);
    }
}
