package xen.kernel.grant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.mm.DomIds;
import xen.kernel.mm.PvGuest;

class GrantTest extends GrantBed {
    private static final int MAP = 0, UNMAP = 1, COPY = 5, QUERY = 6, REPLACE = 7;
    private static final int HOST = 2, READONLY = 4, CONTAINS_PTE = 16;
    private int handle;

    private int map(int flags, int ref, int domid, long host) {
        b.put(PvGuest.ARGS, 0, host);
        b.put(PvGuest.ARGS, 1, flags | (long) ref << 32);
        b.put(PvGuest.ARGS, 2, domid);
        assertThat(b.call(20, MAP, args, 1)).isZero();
        handle = (int) (b.get(PvGuest.ARGS, 2) >>> 32);
        return (short) (b.get(PvGuest.ARGS, 2) >>> 16);
    }

    private int unmap(int op, long host, long second, int h) {
        b.put(PvGuest.ARGS, 0, host);
        b.put(PvGuest.ARGS, 1, second);
        b.put(PvGuest.ARGS, 2, h & 0xffff_ffffL);
        assertThat(b.call(20, op, args, 1)).isZero();
        return (short) (b.get(PvGuest.ARGS, 2) >>> 32);
    }

    private int unmap() { return unmap(UNMAP, PvGuest.va(TARGET), 0, handle); }

    private int copy(PvGuest g, int flags, long source, int sourceDomain, int from, long dest, int destDomain, int to, int length) {
        g.put(PvGuest.ARGS, 0, source);
        g.put(PvGuest.ARGS, 1, sourceDomain | (long) from << 16);
        g.put(PvGuest.ARGS, 2, dest);
        g.put(PvGuest.ARGS, 3, destDomain | (long) to << 16);
        g.put(PvGuest.ARGS, 4, length | (long) flags << 16);
        assertThat(g.call(20, COPY, args, 1)).isZero();
        return (short) (g.get(PvGuest.ARGS, 4) >>> 32);
    }

    @Test void aGrantedPageIsSharedUntilItIsUnmapped() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        a.put(PLAIN, 0, 42);
        assertThat(map(HOST, REF, 1, PvGuest.va(TARGET))).isZero();
        long host = t.cpu(0).translate(b.vcpu.context, PvGuest.va(TARGET), Cpu.WRITE);
        assertThat(host).isEqualTo(a.host(PLAIN));
        assertThat(flags(REF)).isEqualTo(1 | 8 | 16);
        assertThat(unmap()).isZero();
        assertThat(flags(REF)).isEqualTo(1);
        assertThat(b.get(PvGuest.L1, TARGET)).isZero();
        assertThat(unmap()).as("twice").isEqualTo(GrantStatus.BAD_HANDLE);
    }

    @Test void unmappingFlushesTheMappersCpus() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        b.domain.memory.markDirty(0);
        unmap();
        assertThat(t.cpu(0).forgotten).contains((int) a.mfn[PLAIN]);
    }

    @Test void aReadOnlyGrantCannotBeMappedWritable() {
        grant(REF, 1 | 4, 2, a.mfn[PLAIN]);
        assertThat(map(HOST, REF, 1, PvGuest.va(TARGET))).isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST | READONLY, REF, 1, PvGuest.va(TARGET))).isZero();
        assertThat(t.cpu(0).translate(b.vcpu.context, PvGuest.va(TARGET), Cpu.WRITE)).isEqualTo(-1);
        assertThat(flags(REF)).isEqualTo(1 | 4 | 8);
        assertThat(b.updateVa(TARGET, a.entry(PLAIN, 7))).as("the mapper cannot make it writable").isEqualTo(-Errno.EPERM);
    }

    @Test void whatIsNotGrantedCannotBeMapped() {
        assertThat(map(HOST, REF, 1, PvGuest.va(TARGET))).as("empty entry").isEqualTo(GrantStatus.GENERAL_ERROR);
        grant(REF, 1, 3, a.mfn[PLAIN]);
        assertThat(map(HOST, REF, 1, PvGuest.va(TARGET))).as("granted to somebody else").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST, 512, 1, PvGuest.va(TARGET))).as("past the table").isEqualTo(GrantStatus.BAD_GNTREF);
        assertThat(map(HOST, -1, 1, PvGuest.va(TARGET))).isEqualTo(GrantStatus.BAD_GNTREF);
        assertThat(map(HOST, REF, 9, PvGuest.va(TARGET))).as("no such domain").isEqualTo(GrantStatus.BAD_DOMAIN);
        assertThat(map(HOST, REF, DomIds.XEN, PvGuest.va(TARGET))).isEqualTo(GrantStatus.BAD_DOMAIN);
        assertThat(map(HOST, 0, 2, PvGuest.va(TARGET))).as("its own empty table").isEqualTo(GrantStatus.BAD_GNTREF);
        assertThat(map(0, REF, 1, PvGuest.va(TARGET))).as("neither host nor device").isEqualTo(GrantStatus.BAD_GNTREF);
        grant(REF, 2, 2, a.mfn[PLAIN]);
        assertThat(map(HOST, REF, 1, PvGuest.va(TARGET))).as("a transfer entry").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(b.get(PvGuest.L1, TARGET)).isZero();
        assertThat(b.domain.grants.maps.inUse()).isZero();
    }

    @Test void aDomainCanGrantOnlyItsOwnFramesAndNoTables() {
        for (long mfn : new long[] {b.mfn[PLAIN], t.core.frames.m2p.firstMfn(), 511, 512, 0xffff_ffffL, a.mfn[PvGuest.L1]}) {
            grant(REF, 1, 2, mfn);
            assertThat(map(HOST, REF, 1, PvGuest.va(TARGET))).as("frame %d", mfn).isEqualTo(GrantStatus.BAD_PAGE);
            assertThat(flags(REF)).as("marks taken back").isEqualTo(1);
        }
    }

    @Test void badHostAddressesAreRefused() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        assertThat(map(HOST, REF, 1, 1L << 40)).isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST, REF, 1, 0xffff_8000_0000_0000L)).isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST | CONTAINS_PTE, REF, 1, a.machine(PvGuest.L1, TARGET))).as("another domain's table").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST | CONTAINS_PTE, REF, 1, b.machine(PvGuest.L2, TARGET))).as("not an L1").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST | CONTAINS_PTE, REF, 1, b.machine(PLAIN, 0))).as("no table").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(map(HOST | CONTAINS_PTE, REF, 1, b.machine(PvGuest.L1, TARGET) + 4)).as("not aligned").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(flags(REF)).isEqualTo(1);
    }

    @Test void aGrantCanBeMappedByTheMachineAddressOfAnEntry() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        long pte = b.machine(PvGuest.L1, TARGET);
        assertThat(map(HOST | CONTAINS_PTE, REF, 1, pte)).isZero();
        assertThat(t.cpu(0).translate(b.vcpu.context, PvGuest.va(TARGET), Cpu.READ)).isEqualTo(a.host(PLAIN));
        assertThat(unmap(UNMAP, pte, 0, handle)).isZero();
    }

    @Test void anUnmapMustNameTheMapping() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        assertThat(unmap(UNMAP, PvGuest.va(PLAIN), 0, handle)).as("another page").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(unmap(UNMAP, PvGuest.va(TARGET), 0, handle + 1)).isEqualTo(GrantStatus.BAD_HANDLE);
        assertThat(unmap(UNMAP, PvGuest.va(TARGET), 0, -1)).isEqualTo(GrantStatus.BAD_HANDLE);
        assertThat(unmap()).isZero();
    }

    @Test void aMappedFrameCannotBeReusedByItsOwner() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        a.updateVa(PLAIN, 0);
        assertThat(a.pin(1, PLAIN)).as("as a page table").isEqualTo(-Errno.EBUSY);
        long free = t.core.frames.free();
        assertThat(a.reservation(1, new long[] {a.mfn[PLAIN]}, 0)).isEqualTo(1);
        assertThat(t.core.frames.free()).as("given away, but still mapped").isEqualTo(free);
        assertThat(unmap()).isZero();
        assertThat(t.core.frames.free()).isEqualTo(free + 1);
    }

    @Test void changingAnEntryInUseDoesNotChangeWhatIsMapped() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        int first = handle;
        grant(REF, 1, 2, a.mfn[11]);
        assertThat(map(HOST, REF, 1, PvGuest.va(TARGET + 1))).isZero();
        assertThat(t.cpu(0).translate(b.vcpu.context, PvGuest.va(TARGET + 1), Cpu.READ)).isEqualTo(a.host(PLAIN));
        assertThat(unmap(UNMAP, PvGuest.va(TARGET + 1), 0, handle)).isZero();
        assertThat(unmap(UNMAP, PvGuest.va(TARGET), 0, first)).isZero();
    }

    @Test void aMappingThatThePageTablesLostIsAccountedWhenTheMapperDies() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        assertThat(b.updateVa(TARGET, 0)).isZero();
        assertThat(unmap()).isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(flags(REF)).as("still in use").isEqualTo(1 | 8 | 16);
        b.domain.grants.releaseAll();
        b.domain.memory.releaseAll();
        assertThat(b.domain.memory.gone()).isTrue();
        assertThat(flags(REF)).isEqualTo(1);
    }

    @Test void framesOfADeadDomainLiveUntilTheyAreUnmapped() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        a.domain.grants.releaseAll();
        a.domain.memory.releaseAll();
        assertThat(a.domain.memory.gone()).isFalse();
        assertThat(a.domain.memory.pages()).isEqualTo(1);
        t.remove(a.domain);
        assertThat(unmap()).isZero();
        assertThat(a.domain.memory.gone()).isTrue();
    }

    @Test void bothDomainsCanDieInEitherOrder() {
        long free = t.core.frames.free() + 64 + 64 + 1;
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST | 1, REF, 1, PvGuest.va(TARGET));
        b.domain.grants.releaseAll();
        b.domain.memory.releaseAll();
        a.domain.grants.releaseAll();
        a.domain.memory.releaseAll();
        assertThat(t.core.frames.free()).isEqualTo(free);
    }

    @Test void aDeviceMappingEndsByItsBusAddress() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        assertThat(map(1, REF, 1, 0)).isZero();
        long bus = b.get(PvGuest.ARGS, 3);
        assertThat(bus).isEqualTo(a.mfn[PLAIN] << 12);
        assertThat(unmap(UNMAP, 0, bus + 4096, handle)).isEqualTo(GrantStatus.BAD_DEV_ADDR);
        assertThat(unmap(UNMAP, 0, bus, handle)).isZero();
        assertThat(flags(REF)).isEqualTo(1);
    }

    @Test void anUnmappedPlaceCanTakeAnotherEntry() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        map(HOST, REF, 1, PvGuest.va(TARGET));
        long own = b.get(PvGuest.L1, PLAIN);
        assertThat(unmap(REPLACE, PvGuest.va(TARGET), PvGuest.va(PLAIN), handle)).isZero();
        assertThat(b.get(PvGuest.L1, TARGET)).isEqualTo(own);
        assertThat(b.get(PvGuest.L1, PLAIN)).isZero();
        assertThat(flags(REF)).isEqualTo(1);
    }

    @Test void copiesGoBothWays() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        a.put(PLAIN, 0, 0x1122334455667788L);
        assertThat(copy(b, 1, REF, 1, 2, b.mfn[11], DomIds.SELF, 8, 4)).isZero();
        assertThat(b.get(11, 1)).isEqualTo(0x33445566L);
        b.put(11, 0, 99);
        assertThat(copy(b, 2, b.mfn[11], DomIds.SELF, 0, REF, 1, 4088, 8)).isZero();
        assertThat(a.get(PLAIN, 511)).isEqualTo(99);
        assertThat(flags(REF)).isEqualTo(1);
        assertThat(t.cpu(0).contentChanges).contains((int) a.mfn[PLAIN], (int) b.mfn[11]);
    }

    @Test void aCopyCannotCheat() {
        grant(REF, 1 | 4, 2, a.mfn[PLAIN]);
        assertThat(copy(b, 2, b.mfn[11], DomIds.SELF, 0, REF, 1, 0, 8)).as("into a read-only grant").isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(copy(b, 1, REF, 1, 4090, b.mfn[11], DomIds.SELF, 0, 8)).as("over the page's end").isEqualTo(GrantStatus.BAD_COPY_ARG);
        assertThat(copy(b, 1, REF, 1, 0, b.mfn[11], DomIds.SELF, 4090, 8)).isEqualTo(GrantStatus.BAD_COPY_ARG);
        assertThat(copy(b, 0, a.mfn[PLAIN], DomIds.SELF, 0, b.mfn[11], DomIds.SELF, 0, 8)).as("a foreign frame").isEqualTo(GrantStatus.BAD_PAGE);
        assertThat(copy(b, 0, a.mfn[PLAIN], 1, 0, b.mfn[11], DomIds.SELF, 0, 8)).isEqualTo(GrantStatus.PERMISSION_DENIED);
        assertThat(copy(b, 0, b.mfn[11], DomIds.SELF, 0, a.mfn[PLAIN], 1, 0, 8)).isEqualTo(GrantStatus.PERMISSION_DENIED);
        assertThat(copy(b, 0, b.mfn[11], DomIds.SELF, 0, b.mfn[PvGuest.L1], DomIds.SELF, 0, 8)).as("a page table").isEqualTo(GrantStatus.BAD_PAGE);
        assertThat(copy(b, 1, REF, 1, 0, -1, DomIds.SELF, 0, 8)).isEqualTo(GrantStatus.BAD_PAGE);
        assertThat(copy(b, 1, REF, 9, 0, b.mfn[11], DomIds.SELF, 0, 8)).isEqualTo(GrantStatus.BAD_DOMAIN);
        assertThat(flags(REF)).isEqualTo(1 | 4);
    }

    @Test void aCopyThatOverwritesItsOwnRequestIsHarmless() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        for (int i = 0; i < 512; i++) {
            a.put(PLAIN, i, -1L);
        }
        copy(b, 1, REF, 1, 0, b.mfn[PvGuest.ARGS], DomIds.SELF, 0, 32);
        assertThat(flags(REF)).as("given back as taken").isEqualTo(1);
        b.updateVa(PvGuest.ARGS + 1, 0);
        b.domain.memory.releaseAll();
        assertThat(b.domain.memory.gone()).isTrue();
    }

    @Test void theTableGrowsToItsLimit() {
        assertThat(setup(a, 3)).isZero();
        assertThat(a.get(PvGuest.ARGS, 64)).isEqualTo(a.domain.grants.frame(0));
        assertThat(a.get(PvGuest.ARGS, 66)).isEqualTo(a.domain.grants.frame(2));
        assertThat(setup(a, 65)).isEqualTo(GrantStatus.GENERAL_ERROR);
        assertThat(setup(a, -1)).isEqualTo(GrantStatus.GENERAL_ERROR);
        a.put(PvGuest.ARGS, 0, DomIds.SELF);
        assertThat(a.call(20, QUERY, args, 1)).isZero();
        assertThat(a.get(PvGuest.ARGS, 0) >>> 32).isEqualTo(3);
        assertThat(a.get(PvGuest.ARGS, 1)).isEqualTo(64);
    }

    @Test void theGuestMapsItsTableButCannotFreeItNorTakeAnothers() {
        long table = a.domain.grants.frame(0);
        assertThat(a.updateVa(TARGET, table << 12 | 7)).isZero();
        assertThat(a.reservation(1, new long[] {table}, 0)).isZero();
        assertThat(b.updateVa(TARGET, table << 12 | 7)).isEqualTo(-Errno.EPERM);
        a.put(PvGuest.ARGS, 0, 2 | 1L << 32);
        a.put(PvGuest.ARGS, 2, args + 512);
        a.call(20, SETUP, args, 1);
        assertThat((short) a.get(PvGuest.ARGS, 1)).isEqualTo((short) GrantStatus.PERMISSION_DENIED);
    }

    @Test void onlyVersion1Exists() {
        a.put(PvGuest.ARGS, 0, 2);
        assertThat(a.call(20, 8, args, 1)).isEqualTo(-Errno.ENOSYS);
        a.put(PvGuest.ARGS, 0, 1);
        assertThat(a.call(20, 8, args, 1)).isZero();
        a.put(PvGuest.ARGS, 0, 7);
        assertThat(a.call(20, 8, args, 1)).isEqualTo(-Errno.EINVAL);
        a.put(PvGuest.ARGS, 0, DomIds.SELF);
        assertThat(a.call(20, 10, args, 1)).isZero();
        assertThat(a.get(PvGuest.ARGS, 0) >>> 32).isEqualTo(1);
        a.put(PvGuest.ARGS, 0, 1 | (long) DomIds.SELF << 32);
        assertThat(a.call(20, 9, args, 1)).isZero();
        assertThat((short) (a.get(PvGuest.ARGS, 0) >>> 48)).isEqualTo((short) GrantStatus.GENERAL_ERROR);
        assertThat(a.call(20, 4, args, 1)).isEqualTo(-Errno.ENOSYS);
        assertThat(a.call(20, 99, args, 1)).isEqualTo(-Errno.ENOSYS);
    }

    @Test void entriesCanBeSwappedUnlessInUse() {
        grant(REF, 1, 2, a.mfn[PLAIN]);
        a.put(PvGuest.ARGS, 0, REF | (long) (REF + 1) << 32);
        a.call(20, 11, args, 1);
        assertThat((short) a.get(PvGuest.ARGS, 1)).isZero();
        assertThat(flags(REF)).isZero();
        assertThat(flags(REF + 1)).isEqualTo(1);
        map(HOST, REF + 1, 1, PvGuest.va(TARGET));
        a.call(20, 11, args, 1);
        assertThat((short) a.get(PvGuest.ARGS, 1)).isEqualTo((short) GrantStatus.EAGAIN);
    }
}
