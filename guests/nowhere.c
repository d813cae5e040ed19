/* Meant to crash: jumps to an address where nothing is, with no trap table to tell it. */
#include "lib/xen.h"

__attribute__((noinline)) void leap(void (*to)(void)) {
    to();
    print("back from nowhere\n");
}

void guest(void) { leap((void (*)(void))0xdead0000UL); }
