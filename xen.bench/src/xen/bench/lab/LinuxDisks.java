package xen.bench.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;

/**
 * Three Linux guests that share the modelled disks of one machine in virtual time: one waits for each answer, one streams, one is hostile.
 * They are booted once; each round swaps the disks' scheduler and types the work into the consoles. Images have no contents.
 */
final class LinuxDisks {
    /** What guest/crowd.c calls them, in the order of the guests. */
    static final List<String> KINDS = List.of("interactive", "stream", "hostile");
    static final int GUESTS = KINDS.size();
    private static final int HOSTILE = 2, MEMORY_MIB = 128;
    /** A third of a modelled disk: ways between guests are long. */
    private static final long SECTORS = (1L << 31) / GUESTS & -4096;
    private static final long MS = Setup.MS, SETTLE = 100 * MS;

    /** Disks by their number in the guests, with the length of a round and the interactive guest's mean pause. */
    enum Disk {
        HDD("hdd", 20_000, 20_000), SSD("ssd", 4_000, 4_000);

        final String model;
        final int millis, thinkMicros;

        Disk(String model, int millis, int thinkMicros) {
            this.model = model;
            this.millis = millis;
            this.thinkMicros = thinkMicros;
        }

        static Disk of(String model) { return model.equals(HDD.model) ? HDD : SSD; }
    }

    private final GuestTalk talk;
    private final BlockControl blocks;
    private final long seed;
    private final Map<DiskRound, DiskRound.Got[]> results = new LinkedHashMap<>();

    /** Builds them, paused; the machine is on. */
    LinuxDisks(Hypervisor hypervisor, DomainManager manager, BlockControl blocks, Path kernel, Path ramdisk, long seed) {
        talk = new GuestTalk(hypervisor);
        this.blocks = blocks;
        this.seed = seed;
        for (int i = 0; i < GUESTS; i++) {
            List<String> disks = new ArrayList<>();
            for (Disk d : Disk.values()) {
                disks.add("format=null,disk=" + d.model + ",class=" + (i == 0 ? "interactive" : "throughput") + ",target=" + SECTORS);
            }
            talk.add(manager, DomainSpec.simple(KINDS.get(i), kernel, ramdisk, "console=hvc0 quiet", MEMORY_MIB, 1, null).withDisks(disks));
        }
    }

    static long machineBytes() { return (GUESTS * (MEMORY_MIB * 17L / 16 + 8) + 64) << 20; }

    /** Boots all and does the rounds. @param begun told of each round before it begins */
    Map<DiskRound, DiskRound.Got[]> run(List<DiskRound> rounds, Consumer<DiskRound> begun) throws InterruptedException {
        talk.run("crowd: ready", () -> next(rounds, 0, begun));
        return results;
    }

    private void next(List<DiskRound> rounds, int i, Consumer<DiskRound> begun) {
        if (i == rounds.size()) {
            talk.over();
            return;
        }
        DiskRound r = rounds.get(i);
        begun.accept(r);
        blocks.selectScheduler(null, r.scheduler());
        int domid = talk.guests.get(HOSTILE).domain.domid();
        for (ManagedVbd v : blocks.list()) {
            if (v.config().domid() == domid) {
                v.parameters(VbdConfig.DEFAULT_WEIGHT, r.hostileClass());
            }
        }
        talk.at(talk.now() + SETTLE, () -> begin(r, () -> next(rounds, i + 1, begun)));
    }

    private void begin(DiskRound r, Runnable then) {
        Disk disk = Disk.of(r.disk());
        List<LabGuest> working = new ArrayList<>();
        for (int i = 0; i < GUESTS; i++) {
            if (r.working()[i]) {
                LabGuest g = talk.guests.get(i);
                g.type(KINDS.get(i) + " " + disk.ordinal() + " " + disk.millis + " " + disk.thinkMicros + " " + (seed * GUESTS + i));
                working.add(g);
            }
        }
        talk.at(talk.now() + disk.millis * MS, () -> talk.await("round " + r, working, "crowd: done", () -> {
            results.put(r, got(r));
            then.run();
        }));
    }

    private DiskRound.Got[] got(DiskRound r) {
        DiskRound.Got[] got = new DiskRound.Got[GUESTS];
        for (int i = 0; i < GUESTS; i++) {
            if (r.working()[i]) {
                String line = talk.guests.get(i).line("crowd: done " + KINDS.get(i));
                String[] words = line.split(" ");
                if (!words[7].equals("0")) {
                    throw new IllegalStateException("requests of a guest failed under " + r + ": " + line);
                }
                got[i] = new DiskRound.Got(Long.parseLong(words[3]), Long.parseLong(words[4]), Long.parseLong(words[5]), Long.parseLong(words[6]));
            }
        }
        return got;
    }
}
