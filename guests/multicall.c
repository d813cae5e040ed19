/* multicall: results in order, each call's own failure, no nesting, long lists. */
#include "lib/xen.h"

enum { MANY = 1500 };

static struct multicall_entry list[MANY];
static u64 page[512] __attribute__((aligned(4096)));

static void entry(int i, u64 op, u64 a0, u64 a1, u64 a2) {
    list[i] = (struct multicall_entry){ op, 0x5555, { a0, a1, a2, 0, 0, 0 } };
}

static s64 multicall(const void *at, u64 count) { return hypercall(HC_multicall, (u64)at, count, 0, 0); }

void guest(void) {
    u64 version = (u64)hypercall(HC_xen_version, 0, 0, 0, 0);
    CHECK(multicall(list, 0) == 0);
    entry(0, HC_xen_version, 0, 0, 0);
    entry(1, 63, 0, 0, 0);
    entry(2, HC_vcpu_op, VCPUOP_is_up, 0, 0);
    entry(3, HC_vcpu_op, VCPUOP_is_up, 99, 0);
    entry(4, HC_multicall, (u64)list, 1, 0);
    entry(5, HC_console_io, 0, 10, 0x7000000000UL);
    entry(6, 1UL << 40 | HC_xen_version, 0, 0, 0);
    entry(7, HC_xen_version, 0, 0, 0);
    CHECK(multicall(list, 7) == 0);
    CHECK(list[0].result == version);
    CHECK((s64)list[1].result == -ENOSYS);
    CHECK(list[2].result == 1);
    CHECK((s64)list[3].result == -ENOENT);
    CHECK((s64)list[4].result == -EINVAL);
    CHECK((s64)list[5].result == -EFAULT);
    CHECK((s64)list[6].result == -ENOSYS);
    CHECK(list[7].result == 0x5555);
    CHECK(list[0].op == HC_xen_version && list[3].args[1] == 99);

    /* a failed update does not stop those behind it */
    u64 good = mfn_of(page) * PAGE | PTE_P | PTE_US | PTE_RW | PTE_A | PTE_D;
    entry(0, HC_update_va_mapping, (u64)page, good & ~PTE_RW, UVMF_INVLPG);
    entry(1, HC_update_va_mapping, (u64)page, 0xffffffff000UL | PTE_P, UVMF_INVLPG);
    entry(2, HC_update_va_mapping, (u64)page, good, UVMF_INVLPG);
    CHECK(multicall(list, 3) == 0);
    CHECK(list[0].result == 0 && (s64)list[1].result < 0 && list[2].result == 0);
    page[0] = 1;

    for (int i = 0; i < MANY; i++) entry(i, i % 3 ? HC_vcpu_op : 63, VCPUOP_is_up, 0, 0);
    CHECK(multicall(list, MANY) == 0);
    int wrong = 0;
    for (int i = 0; i < MANY; i++) wrong += (s64)list[i].result != (i % 3 ? 1 : -ENOSYS);
    CHECK(wrong == 0);

    CHECK(multicall((void *)0x7000000000UL, 1) == -EFAULT);
    CHECK(multicall((void *)0xffff800000000000UL, 1) == -EFAULT);
    CHECK(multicall((void *)0x8000000000000000UL, 1) == -EFAULT);
    /* entries that cannot be written back are not executed */
    entry(0, HC_console_io, 0, 7, (u64)"FAILED\n");
    for (int i = 0; i < 8; i++) page[i] = ((u64 *)list)[i];
    CHECK(update_va(page, good & ~(PTE_RW | PTE_D), UVMF_INVLPG) == 0);
    CHECK(multicall(page, 1) == -EFAULT);
    CHECK(page[1] == 0x5555);
}
