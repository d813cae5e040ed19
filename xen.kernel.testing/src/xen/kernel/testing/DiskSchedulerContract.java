package xen.kernel.testing;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.ServiceClass;

/** What every disk scheduler must keep, as named checks free of test frameworks: each throws AssertionError when it is broken. */
public final class DiskSchedulerContract {
    private static final long DISK = 1 << 24;
    /** Longest wait of a request, in requests served meanwhile, when {@code CLIENTS * EACH} are there at most. */
    private static final int PATIENCE = 4000, CLIENTS = 6, EACH = 12;

    private DiskSchedulerContract() {}

    public static Map<String, Runnable> checks(Supplier<DiskScheduler> maker) {
        Map<String, Runnable> all = new LinkedHashMap<>();
        for (int depth : new int[] {1, 8, 32}) {
            all.put("nothing is lost, duplicated or starved, and the disk works while somebody waits; depth " + depth, () -> {
                for (long seed = 1; seed <= 3; seed++) {
                    new Trial(maker, seed, depth, false).run(8_000);
                }
            });
            all.put("a swap under load takes everything along; depth " + depth, () -> new Trial(maker, 77, depth, true).run(8_000));
        }
        all.put("weights and classes may change at any time", () -> {
            Trial t = new Trial(maker, 5, 4, false);
            for (int i = 0; i < 50; i++) {
                t.run(100);
                t.change();
            }
        });
        return all;
    }

    /** A client of the trial. */
    private static final class Client implements DiskClient {
        final int id;
        int weight;
        ServiceClass serviceClass;

        Client(int id, int weight, ServiceClass c) {
            this.id = id;
            this.weight = weight;
            serviceClass = c;
        }

        @Override public int id() { return id; }
        @Override public String name() { return "c" + id; }
        @Override public int weight() { return weight; }
        @Override public ServiceClass serviceClass() { return serviceClass; }
        @Override public long deadlineNanos() { return serviceClass == ServiceClass.REALTIME ? 50_000_000 : 0; }
    }

    private static final class Trial implements DiskHost {
        private final Supplier<DiskScheduler> maker;
        private final Random random;
        private final int depth;
        private final boolean swaps;
        private final List<Client> clients = new ArrayList<>();
        private final Map<DiskRequest, Long> waiting = new IdentityHashMap<>();
        private final List<DiskRequest> atDisk = new ArrayList<>();
        private DiskScheduler scheduler;
        private long now, served;

        Trial(Supplier<DiskScheduler> maker, long seed, int depth, boolean swaps) {
            this.maker = maker;
            this.depth = depth;
            this.swaps = swaps;
            random = new Random(seed);
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(i, 64 << random.nextInt(4), ServiceClass.values()[i % 3]));
            }
            scheduler = maker.get();
            scheduler.start(this);
        }

        @Override public long now() { return now; }
        @Override public int outstanding() { return atDisk.size(); }
        @Override public long estimate(DiskRequest r) { return 100_000 + r.sectors * 1000L; }
        @Override public void wakeAt(long nanos) {}

        void change() {
            Client c = clients.get(random.nextInt(CLIENTS));
            c.weight = 1 + random.nextInt(1000);
            scheduler.changed(c);
        }

        void run(int requests) {
            long end = served + requests;
            while (served < end) {
                now += random.nextInt(500_000);
                arrivals();
                while (atDisk.size() < depth && give()) {
                    // until the scheduler holds back or nothing waits
                }
                check(!atDisk.isEmpty() || waiting.isEmpty(), "the disk is idle while " + waiting.size() + " wait");
                complete();
                if (swaps && random.nextInt(3000) == 0) {
                    swap();
                }
            }
        }

        private void arrivals() {
            for (Client c : clients) {
                long mine = waiting.keySet().stream().filter(r -> r.client == c).count();
                for (int n = random.nextInt(4); n > 0 && mine < EACH; n--, mine++) {
                    DiskRequest r = new DiskRequest();
                    r.client = c;
                    r.op = random.nextBoolean() ? BlockOp.READ : BlockOp.WRITE;
                    r.sectors = 8 << random.nextInt(4);
                    // some come in sequence, some anywhere
                    r.lba = c.id % 2 == 0 ? served * 8 % DISK : random.nextInt((int) DISK);
                    r.arrived = now;
                    r.deadline = c.deadlineNanos() == 0 ? Long.MAX_VALUE : now + c.deadlineNanos();
                    waiting.put(r, served);
                    scheduler.add(r);
                }
            }
        }

        private boolean give() {
            DiskRequest r = scheduler.next(now);
            if (r == null) {
                return false;
            }
            Long since = waiting.remove(r);
            check(since != null, "a request was given out that does not wait (lost or duplicated)");
            check(served - since < PATIENCE, "a request of " + r.client.serviceClass() + " waited for " + (served - since) + " others");
            atDisk.add(r);
            return true;
        }

        private void complete() {
            if (!atDisk.isEmpty()) {
                DiskRequest r = atDisk.remove(random.nextInt(atDisk.size()));
                served++;
                scheduler.completed(r, 50_000 + random.nextInt(200_000));
            }
            for (Map.Entry<DiskRequest, Long> e : waiting.entrySet()) {
                long since = e.getValue();
                check(served - since < PATIENCE, "a request of " + e.getKey().client.name() + " (" + e.getKey().client.serviceClass() + ", weight "
                        + e.getKey().client.weight() + ") has waited for " + (served - since) + " others; it is at " + e.getKey().lba);
            }
        }

        private void swap() {
            DiskScheduler next = maker.get();
            next.start(this);
            scheduler.stop();
            scheduler = next;
            waiting.keySet().stream().sorted((a, b) -> Long.compare(a.arrived, b.arrived)).toList().forEach(scheduler::add);
        }

        private static void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new AssertionError(otherwise);
            }
        }
    }
}
