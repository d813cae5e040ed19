/* Meant to crash: an exception before it has said where exceptions go. */
#include "lib/xen.h"

__attribute__((noinline)) void undefined(void) { __asm__ volatile("ud2"); }

void guest(void) { undefined(); }
