/* Serves "KERNEL ROUNDS\n" on the serial port of a bare PC, polled, and answers "RESULT\n", both in hexadecimal. */
#include <stdint.h>

uint64_t run(uint64_t kernel, uint64_t n);

static void out(uint16_t port, uint8_t v) { __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port)); }

static uint8_t in(uint16_t port) {
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static void put(char ch) {
    while (!(in(0x3fd) & 0x20))
        ;
    out(0x3f8, ch);
}

static uint64_t number(void) {
    uint64_t v = 0;
    for (;;) {
        while (!(in(0x3fd) & 1))
            ;
        uint8_t ch = in(0x3f8);
        if (ch <= ' ')
            return v;
        v = v << 4 | (ch <= '9' ? ch - '0' : ch - 'a' + 10);
    }
}

void serve(void) {
    put('\n');
    for (;;) {
        uint64_t kernel = number(), n = number(), r = run(kernel, n);
        for (int i = 60; i >= 0; i -= 4)
            put("0123456789abcdef"[r >> i & 15]);
        put('\n');
    }
}
