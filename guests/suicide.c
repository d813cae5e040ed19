/* Meant to crash: asks for it, as a kernel does in a panic. */
#include "lib/xen.h"

void guest(void) {
    u32 reason = SHUTDOWN_crash;
    hypercall(HC_sched_op, SCHEDOP_shutdown, (u64)&reason, 0, 0);
}
