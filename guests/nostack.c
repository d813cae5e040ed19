/* Meant to crash: takes an exception while its stack pointer points to nothing, so that no frame can be pushed. */
#include "lib/xen.h"

static void handler(struct regs *r) {
    print("handled ");
    print_u64(r->vector);
    print("\n");
}

__attribute__((noinline)) void lost(void) { __asm__ volatile("mov $0x123456789000, %rsp\n ud2"); }

void guest(void) {
    install_traps(handler);
    lost();
}
