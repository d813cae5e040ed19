/* Grant table version 1: set up, grant to itself, map, copy, cheat. */
#include "lib/xen.h"

struct entry { u16 flags, dom; u32 frame; };
static struct entry window[512] __attribute__((aligned(4096)));
static u64 page[512] __attribute__((aligned(4096)));
static u64 place[512] __attribute__((aligned(4096)));
static u64 target[512] __attribute__((aligned(4096)));

void guest(void) {
    u64 frames[1];
    struct { u16 dom, pad; u32 nr; short status, pad2; u64 *list; } setup = { DOMID_SELF, 0, 1, 1, 0, frames };
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_setup_table, (u64)&setup, 1, 0) == 0);
    CHECK(setup.status == 0);
    CHECK(update_va(window, frames[0] * PAGE | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D, UVMF_INVLPG) == 0);
    page[0] = 0x1122334455667788UL;
    /* the builder granted entries to domain 0; ours start at 8 */
    struct { u16 dom, pad; u32 nr_frames, max; short status; } size = { DOMID_SELF, 0, 0, 0, 1 };
    CHECK(hypercall(HC_grant_table_op, 6, (u64)&size, 1, 0) == 0);
    CHECK(size.status == 0 && size.nr_frames >= 1 && size.max >= size.nr_frames);
    /* an entry for domain 0 is not ours to map */
    window[9] = (struct entry){ 1, 0, (u32)mfn_of(page) };
    struct { u64 host; u32 flags, ref; u16 dom; short status; u32 handle; u64 bus; } map = { (u64)place, 2, 9, DOMID_SELF, 1, 0, 0 };
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_map_grant_ref, (u64)&map, 1, 0) == 0);
    CHECK(map.status < 0);
    map.ref = 100000;
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_map_grant_ref, (u64)&map, 1, 0) == 0);
    CHECK(map.status < 0);
    /* copy between own frames needs no grant */
    struct { u64 src; u16 sdom, soff; u32 pad1; u64 dst; u16 ddom, doff; u32 pad2; u16 len, flags; short status; } copy =
        { mfn_of(page), DOMID_SELF, 0, 0, mfn_of(target), DOMID_SELF, 8, 0, 8, 0, 1 };
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_copy, (u64)&copy, 1, 0) == 0);
    CHECK(copy.status == 0 && target[1] == page[0] && target[0] == 0 && target[2] == 0);
    /* not past the page, not from a frame that is somebody else's */
    copy.doff = 4090;
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_copy, (u64)&copy, 1, 0) == 0);
    CHECK(copy.status < 0);
    copy.doff = 8;
    copy.src = 0;
    for (u64 i = 0; i < start->nr_pages; i++) if (p2m[i] == copy.src) { copy.src++; i = -1UL; }
    CHECK(hypercall(HC_grant_table_op, GNTTABOP_copy, (u64)&copy, 1, 0) == 0);
    CHECK(copy.status < 0);
}
