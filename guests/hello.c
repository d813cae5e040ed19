/* What the domain builder promises: start_info, memory, module, command line. */
#include "lib/xen.h"

static int starts(const char *s, const char *with) {
    while (*with) if (*s++ != *with++) return 0;
    return 1;
}

void guest(void) {
    print("hello from ");
    print(start->magic);
    print(" with ");
    print_u64(start->nr_pages);
    print(" pages, command line '");
    print(start->cmd_line);
    print("'\n");
    CHECK(starts(start->magic, "xen-3.0-x86_64"));
    CHECK(start->flags == 0);
    CHECK(start->store_mfn && start->store_evtchn && start->console_mfn && start->console_evtchn);
    CHECK(start->nr_pt_frames >= 4);
    for (u64 i = 0; i < start->nr_pages; i++)
        for (u64 j = i & ~15UL; j < i; j++) CHECK(p2m[i] != p2m[j]);
    u64 *m2p = (u64 *)0xffff800000000000UL;
    for (u64 i = 0; i < start->nr_pages; i++) CHECK(m2p[p2m[i]] == i);
    u64 version = hypercall(HC_xen_version, 0, 0, 0, 0);
    CHECK(version >> 16 == 4);
    CHECK(hypercall(63, 0, 0, 0, 0) == -ENOSYS);
    CHECK(hypercall(HC_console_io, 0, 10, 0xffff800000000000UL - 4096, 0) == -EFAULT);
}
