/*
 * The benchmark kernels: freestanding C, no calls out, no SIMD intrinsics. Each takes a number of rounds and returns a 64-bit result
 * that Kernels.java computes too. State is made anew from a fixed seed in each round, so results do not depend on the machine.
 */
#include <stdint.h>
typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

#define SEED 0x9e3779b97f4a7c15ull
#define NOINLINE __attribute__((noinline))

static u64 next(u64 *s) {
    u64 x = *s;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *s = x;
}

static u8 bytes[1 << 16];
static u32 words[1 << 14];
static u64 longs[1 << 17];
static double a[64 * 64], b[64 * 64], c[64 * 64];

/* Table-driven CRC-32 (reflected 0xedb88320) of 64 KiB. */
static u64 crc(u64 n) {
    static u32 table[256];
    for (u32 i = 0; i < 256; i++) {
        u32 v = i;
        for (int k = 0; k < 8; k++)
            v = v & 1 ? v >> 1 ^ 0xedb88320u : v >> 1;
        table[i] = v;
    }
    u64 s = SEED;
    for (int i = 0; i < 1 << 16; i++)
        bytes[i] = next(&s) >> 24;
    u32 r = 0;
    while (n--) {
        u32 v = ~r;
        for (int i = 0; i < 1 << 16; i++)
            v = v >> 8 ^ table[(v ^ bytes[i]) & 255];
        r = ~v;
    }
    return r;
}

/* Sieve of Eratosthenes up to 65536. */
static u64 sieve(u64 n) {
    u64 r = 0;
    while (n--) {
        u32 count = 0;
        for (int i = 0; i < 1 << 16; i++)
            bytes[i] = 1;
        for (int i = 2; i < 1 << 16; i++)
            if (bytes[i]) {
                count++;
                for (int k = i + i; k < 1 << 16; k += i)
                    bytes[k] = 0;
            }
        r = r * 31 + count;
    }
    return r;
}

/* Heap sort of 16384 numbers. */
static void sift(u32 *v, int i, int n) {
    u32 x = v[i];
    for (int k; (k = 2 * i + 1) < n; i = k) {
        if (k + 1 < n && v[k + 1] > v[k])
            k++;
        if (v[k] <= x)
            break;
        v[i] = v[k];
    }
    v[i] = x;
}

static u64 sort(u64 n) {
    u64 s = SEED, r = 0;
    const int m = 1 << 14;
    while (n--) {
        for (int i = 0; i < m; i++)
            words[i] = next(&s);
        for (int i = m / 2 - 1; i >= 0; i--)
            sift(words, i, m);
        for (int i = m - 1; i > 0; i--) {
            u32 t = words[0];
            words[0] = words[i];
            words[i] = t;
            sift(words, 0, i);
        }
        for (int i = 0; i < m; i += 1024)
            r = r * 31 + words[i];
    }
    return r;
}

/* SHA-256 compression of 64 KiB. */
static const u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 rotr(u32 x, int k) { return x >> k | x << (32 - k); }

static void compress(u32 *h, const u8 *p) {
    u32 w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (u32)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7]
            + (rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10);
    for (int i = 0; i < 8; i++)
        v[i] = h[i];
    for (int i = 0; i < 64; i++) {
        u32 t1 = v[7] + (rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
        u32 t2 = (rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        v[7] = v[6];
        v[6] = v[5];
        v[5] = v[4];
        v[4] = v[3] + t1;
        v[3] = v[2];
        v[2] = v[1];
        v[1] = v[0];
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        h[i] += v[i];
}

static u64 sha(u64 n) {
    u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    u64 s = SEED;
    for (int i = 0; i < 1 << 16; i++)
        bytes[i] = next(&s) >> 24;
    while (n--)
        for (int i = 0; i < 1 << 16; i += 64)
            compress(h, bytes + i);
    return (u64)h[0] << 32 | h[7];
}

/* A linked list of 2048 nodes in random order, in the first level cache; walked 32 times a round. */
struct node { struct node *next; u64 value; };

static u64 chase(u64 n, u32 count, u32 times) {
    struct node *nodes = (struct node *)longs;
    u64 s = SEED, r = 0;
    for (u32 i = 0; i < count; i++)
        words[i & 0x3fff] = 0;
    for (u32 i = 0; i < count; i++) {
        nodes[i].value = i;
        nodes[i].next = &nodes[i];
    }
    /* Sattolo: one cycle through all */
    for (u32 i = count - 1; i > 0; i--) {
        u32 k = next(&s) % i;
        struct node *t = nodes[i].next;
        nodes[i].next = nodes[k].next;
        nodes[k].next = t;
    }
    struct node *p = nodes;
    while (n--)
        for (u32 k = 0; k < count * times; k++) {
            r = r * 3 + p->value;
            p = p->next;
        }
    return r;
}

static u64 list(u64 n) { return chase(n, 2048, 32); }

/* 64 x 64 matrix product in double. */
static u64 matrix(u64 n) {
    u64 s = SEED;
    const int m = 64;
    for (int i = 0; i < m * m; i++) {
        a[i] = (double)(next(&s) & 0xffff) / 65536;
        b[i] = (double)(next(&s) & 0xffff) / 65536;
    }
    double r = 0;
    while (n--) {
        for (int i = 0; i < m; i++)
            for (int k = 0; k < m; k++) {
                double t = 0;
                for (int j = 0; j < m; j++)
                    t += a[i * m + j] * b[j * m + k];
                c[i * m + k] = t;
            }
        r += c[(n * 67) & 4095];
        a[n & 4095] = c[(n * 31) & 4095] / 32;
    }
    union { double d; u64 l; } u = {r};
    return u.l;
}

/* A state machine over 64 KiB of text: words, numbers and comments are counted. */
static u64 state(u64 n) {
    static const char alphabet[] = "ab1 /*\n.";
    u64 s = SEED, r = 0;
    for (int i = 0; i < 1 << 16; i++)
        bytes[i] = alphabet[next(&s) >> 24 & 7];
    while (n--) {
        u32 st = 0, wordCount = 0, numbers = 0, comments = 0, lines = 0;
        for (int i = 0; i < 1 << 16; i++) {
            u8 ch = bytes[i];
            switch (st) {
            case 0: st = ch == 'a' || ch == 'b' ? 1 : ch == '1' ? 2 : ch == '/' ? 3 : 0; lines += ch == '\n'; break;
            case 1: if (ch != 'a' && ch != 'b' && ch != '1') { wordCount++; st = ch == '/' ? 3 : 0; } break;
            case 2: if (ch != '1' && ch != '.') { numbers++; st = ch == 'a' ? 6 : 0; } break;
            case 3: st = ch == '*' ? 4 : ch == '/' ? 3 : ch == 'a' ? 1 : 0; break;
            case 4: st = ch == '*' ? 5 : 4; break;
            case 5: if (ch == '/') { comments++; st = 0; } else if (ch != '*') st = 4; break;
            default: st = ch == ' ' ? 0 : ch == '1' ? 2 : 6; break;
            }
        }
        r = r * 31 + wordCount + numbers * 3 + comments * 7 + lines * 11;
    }
    return r;
}

/* Recursion: Fibonacci of 20. */
static NOINLINE u64 fib1(u64 k) {
    if (k < 2)
        return k;
    u64 x = fib1(k - 1);
    __asm__ volatile("" : "+r"(x)); /* keeps the compiler from turning half of the recursion into a loop */
    return x + fib1(k - 2);
}

static u64 fib(u64 n) {
    u64 r = 0;
    while (n--)
        r = r * 31 + fib1(20);
    return r;
}

/* Memory stream: copy, scale and add over 1 MiB. */
static u64 stream(u64 n) {
    u64 r = 0;
    const int m = 1 << 16;
    for (int i = 0; i < m; i++)
        longs[i] = i;
    while (n--) {
        for (int i = 0; i < m; i++)
            longs[m + i] = longs[i] + (longs[i] << 2) + n;
        for (int i = 0; i < m; i++)
            longs[i] = longs[m + i] ^ longs[i];
        r += longs[n & (m - 1)];
    }
    return r;
}

/* Indirect calls: eight functions by a table, in an order that repeats after 64. */
static NOINLINE u64 f0(u64 x) { return x + 1; }
static NOINLINE u64 f1(u64 x) { return x * 3; }
static NOINLINE u64 f2(u64 x) { return x ^ x >> 7; }
static NOINLINE u64 f3(u64 x) { return x << 5 | x >> 59; }
static NOINLINE u64 f4(u64 x) { return x - 0x1234567; }
static NOINLINE u64 f5(u64 x) { return ~x; }
static NOINLINE u64 f6(u64 x) { return x ^ 0x5555; }
static NOINLINE u64 f7(u64 x) { return x + (x << 3); }
static u64 (*const volatile functions[8])(u64) = {f0, f1, f2, f3, f4, f5, f6, f7};

static u64 indirect(u64 n) {
    u64 s = SEED, r = SEED;
    for (int i = 0; i < 4096; i++)
        bytes[i] = i < 64 ? next(&s) >> 24 & 7 : bytes[i - 64];
    while (n--)
        for (int i = 0; i < 4096; i++)
            r = functions[bytes[i]](r);
    return r;
}

/* String: lengths, copies, compares and searches in 4096 short strings, byte by byte. */
static u32 length(const u8 *p) {
    u32 k = 0;
    while (p[k])
        k++;
    return k;
}

static int compare(const u8 *p, const u8 *q) {
    while (*p && *p == *q)
        p++, q++;
    return *p - *q;
}

static u64 string(u64 n) {
    u64 s = SEED, r = 0;
    static u8 other[16];
    for (int i = 0; i < 4096; i++) {
        u8 *p = bytes + 16 * i;
        u32 len = 3 + next(&s) % 12;
        for (u32 k = 0; k < len; k++)
            p[k] = "abcd"[next(&s) >> 24 & 3];
        p[len] = 0;
    }
    while (n--)
        for (int i = 0; i < 4096; i++) {
            u8 *p = bytes + 16 * i;
            u32 len = length(p);
            for (u32 k = 0; k <= len; k++) {
                other[k] = p[k];
                __asm__ volatile("" ::: "memory"); /* no call of memcpy */
            }
            r = r * 31 + len + (compare(other, bytes + 16 * ((i + 1) & 4095)) > 0);
        }
    return r;
}

/* Floating point: a logistic map and a Newton square root. */
static u64 fp(u64 n) {
    double x = 0.3, y = 2, sum = 0;
    while (n--) {
        for (int i = 0; i < 4096; i++) {
            x = 3.9 * x * (1 - x);
            y = 0.5 * (y + (x + 1) / y);
            if (y > 1.2)
                sum += y;
            else
                sum -= x;
        }
    }
    union { double d; u64 l; } u = {sum};
    return u.l;
}

u64 wide(u64 n);

u64 run(u64 kernel, u64 n) {
    switch (kernel) {
    case 0: return crc(n);
    case 1: return sieve(n);
    case 2: return sort(n);
    case 3: return sha(n);
    case 4: return list(n);
    case 5: return matrix(n);
    case 6: return state(n);
    case 7: return fib(n);
    case 8: return stream(n);
    case 9: return indirect(n);
    case 10: return string(n);
    case 11: return fp(n);
    case 12: return wide(n);
    default: return 0;
    }
}
