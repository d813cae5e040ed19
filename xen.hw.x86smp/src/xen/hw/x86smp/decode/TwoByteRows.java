package xen.hw.x86smp.decode;

/** Rows of the integer and system instructions behind 0F, 0F 38, 0F 3A and VEX. Syntax: see {@link InstructionTable}. */
final class TwoByteRows {
    private TwoByteRows() {}

    static final String TEXT = """
            0f 00 /0 reg   | SLDT Rv                |
            0f 00 /0 mem   | SLDT Mw                |
            0f 00 /1 reg   | STR Rv                 |
            0f 00 /1 mem   | STR Mw                 |
            0f 00 /2       | LLDT Ew                | term fault priv=LLDT
            0f 00 /3       | LTR Ew                 | term fault priv=LTR
            0f 00 /4       | VERR Ew                | fault w:Z
            0f 00 /5       | VERW Ew                | fault w:Z
            0f 01 /0 mem   | SGDT Ms                |
            0f 01 /1 mem   | SIDT Ms                |
            0f 01 /2 mem   | LGDT Ms                | term fault priv=LGDT
            0f 01 /3 mem   | LIDT Ms                | term fault priv=LIDT
            0f 01 /1 rm0 reg | MONITOR                | term fault priv=MONITOR
            0f 01 /1 rm1 reg | MWAIT                  | term fault priv=MWAIT
            np 0f 01 /2 rm0 reg | XGETBV                 | fault f=XSAVE
            np 0f 01 /2 rm1 reg | XSETBV                 | term fault priv=XSETBV
            0f 01 /4 reg   | SMSW Rv                |
            0f 01 /4 mem   | SMSW Mw                |
            0f 01 /6       | LMSW Ew                | term fault priv=LMSW
            0f 01 /7 mem   | INVLPG Mn              | term fault priv=INVLPG
            0f 01 /7 rm0 reg | SWAPGS                 | o64 term fault priv=SWAPGS
            0f 01 /7 rm1 reg | RDTSCP                 | fault f=RDTSCP
            0f 02 /r       | LAR Gv,Ew              | fault w:Z
            0f 03 /r       | LSL Gv,Ew              | fault w:Z
            0f 05          | SYSCALL                | term fault
            0f 06          | CLTS                   | term fault priv=CLTS
            0f 07          | SYSRET                 | term fault priv=SYSRET
            0f 08          | INVD                   | term fault priv=INVD
            0f 09          | WBINVD                 | term fault priv=WBINVD
            0f 0b          | UD2                    | term fault
            0f 0d /r mem   | PREFETCHW Mn           |
            0f 0d /r reg   | NOP Ev                 |
            0f 18 /r       | NOP Ev                 |
            0f 19 /r       | NOP Ev                 |
            0f 1a /r       | NOP Ev                 |
            0f 1b /r       | NOP Ev                 |
            0f 1c /r       | NOP Ev                 |
            0f 1d /r       | NOP Ev                 |
            f3 0f 1e /7 rm2 reg | ENDBR64                |
            f3 0f 1e /7 rm3 reg | ENDBR32                |
            0f 1e /r       | NOP Ev                 |
            0f 1f /r       | NOP Ev                 |
            0f 20 /r anymod | MOV Hh,Ch              | term fault priv=READ_CR
            0f 21 /r anymod | MOV Hh,Dh              | term fault priv=READ_DR
            0f 22 /r anymod | MOV Ch,Hh              | term fault priv=WRITE_CR
            0f 23 /r anymod | MOV Dh,Hh              | term fault priv=WRITE_DR
            0f 30          | WRMSR                  | term fault priv=WRMSR
            0f 31          | RDTSC                  | fault
            0f 32          | RDMSR                  | term fault priv=RDMSR
            0f 33          | RDPMC                  | term fault priv=RDPMC
            0f 34          | SYSENTER               | term fault
            0f 35          | SYSEXIT                | term fault priv=SYSEXIT
            0f 40 /r       | CMOVO Gv,Ev            | r:O
            0f 41 /r       | CMOVNO Gv,Ev           | r:O
            0f 42 /r       | CMOVB Gv,Ev            | r:C
            0f 43 /r       | CMOVAE Gv,Ev           | r:C
            0f 44 /r       | CMOVE Gv,Ev            | r:Z
            0f 45 /r       | CMOVNE Gv,Ev           | r:Z
            0f 46 /r       | CMOVBE Gv,Ev           | r:CZ
            0f 47 /r       | CMOVA Gv,Ev            | r:CZ
            0f 48 /r       | CMOVS Gv,Ev            | r:S
            0f 49 /r       | CMOVNS Gv,Ev           | r:S
            0f 4a /r       | CMOVP Gv,Ev            | r:P
            0f 4b /r       | CMOVNP Gv,Ev           | r:P
            0f 4c /r       | CMOVL Gv,Ev            | r:SO
            0f 4d /r       | CMOVGE Gv,Ev           | r:SO
            0f 4e /r       | CMOVLE Gv,Ev           | r:SZO
            0f 4f /r       | CMOVG Gv,Ev            | r:SZO
            0f 80          | JO Jz                  | f64 term r:O
            0f 81          | JNO Jz                 | f64 term r:O
            0f 82          | JB Jz                  | f64 term r:C
            0f 83          | JAE Jz                 | f64 term r:C
            0f 84          | JE Jz                  | f64 term r:Z
            0f 85          | JNE Jz                 | f64 term r:Z
            0f 86          | JBE Jz                 | f64 term r:CZ
            0f 87          | JA Jz                  | f64 term r:CZ
            0f 88          | JS Jz                  | f64 term r:S
            0f 89          | JNS Jz                 | f64 term r:S
            0f 8a          | JP Jz                  | f64 term r:P
            0f 8b          | JNP Jz                 | f64 term r:P
            0f 8c          | JL Jz                  | f64 term r:SO
            0f 8d          | JGE Jz                 | f64 term r:SO
            0f 8e          | JLE Jz                 | f64 term r:SZO
            0f 8f          | JG Jz                  | f64 term r:SZO
            0f 90 /r       | SETO Eb                | r:O
            0f 91 /r       | SETNO Eb               | r:O
            0f 92 /r       | SETB Eb                | r:C
            0f 93 /r       | SETAE Eb               | r:C
            0f 94 /r       | SETE Eb                | r:Z
            0f 95 /r       | SETNE Eb               | r:Z
            0f 96 /r       | SETBE Eb               | r:CZ
            0f 97 /r       | SETA Eb                | r:CZ
            0f 98 /r       | SETS Eb                | r:S
            0f 99 /r       | SETNS Eb               | r:S
            0f 9a /r       | SETP Eb                | r:P
            0f 9b /r       | SETNP Eb               | r:P
            0f 9c /r       | SETL Eb                | r:SO
            0f 9d /r       | SETGE Eb               | r:SO
            0f 9e /r       | SETLE Eb               | r:SZO
            0f 9f /r       | SETG Eb                | r:SZO
            0f a0          | PUSH FS                | d64 fault
            0f a1          | POP FS                 | d64 fault
            0f a2          | CPUID                  | term fault priv=CPUID
            0f a3 /r       | BT Ev,Gv               | w:C
            0f a4 /r       | SHLD Ev,Gv,Ib          | m:OSZAPC
            0f a5 /r       | SHLD Ev,Gv,CL          | m:OSZAPC
            0f a8          | PUSH GS                | d64 fault
            0f a9          | POP GS                 | d64 fault
            0f ab /r       | BTS Ev,Gv              | lock w:C
            0f ac /r       | SHRD Ev,Gv,Ib          | m:OSZAPC
            0f ad /r       | SHRD Ev,Gv,CL          | m:OSZAPC
            np 0f ae /0 mem | FXSAVE Mn              | fault f=FXSR
            np 0f ae /1 mem | FXRSTOR Mn             | fault f=FXSR
            np 0f ae /2 mem | LDMXCSR Md             | fault f=SSE
            np 0f ae /3 mem | STMXCSR Md             | fault f=SSE
            np 0f ae /4 mem | XSAVE Mn               | fault f=XSAVE
            np 0f ae /5 mem | XRSTOR Mn              | fault f=XSAVE
            np 0f ae /6 mem | XSAVEOPT Mn            | fault f=XSAVE
            np 0f ae /7 mem | CLFLUSH Mb             | f=CLFSH
            np 0f ae /5 reg | LFENCE                 | f=SSE2
            np 0f ae /6 reg | MFENCE                 | f=SSE2
            np 0f ae /7 reg | SFENCE                 | f=SSE
            f3 0f ae /0 reg | RDFSBASE Ry            | o64 fault f=FSGSBASE
            f3 0f ae /1 reg | RDGSBASE Ry            | o64 fault f=FSGSBASE
            f3 0f ae /2 reg | WRFSBASE Ry            | o64 fault f=FSGSBASE
            f3 0f ae /3 reg | WRGSBASE Ry            | o64 fault f=FSGSBASE
            0f af /r       | IMUL Gv,Ev             | w:OC
            0f b0 /r       | CMPXCHG Eb,Gb          | lock w:OSZAPC
            0f b1 /r       | CMPXCHG Ev,Gv          | lock w:OSZAPC
            0f b2 /r mem   | LSS Gv,Mp              | fault
            0f b3 /r       | BTR Ev,Gv              | lock w:C
            0f b4 /r mem   | LFS Gv,Mp              | fault
            0f b5 /r mem   | LGS Gv,Mp              | fault
            0f b6 /r       | MOVZX Gv,Eb            |
            0f b7 /r       | MOVZX Gv,Ew            |
            f3 0f b8 /r    | POPCNT Gv,Ev           | w:OSZAPC f=POPCNT
            0f b9 /r       | UD1 Gv,Ev              | term fault
            0f ba /4       | BT Ev,Ib               | w:C
            0f ba /5       | BTS Ev,Ib              | lock w:C
            0f ba /6       | BTR Ev,Ib              | lock w:C
            0f ba /7       | BTC Ev,Ib              | lock w:C
            0f bb /r       | BTC Ev,Gv              | lock w:C
            f3 0f bc /r    | TZCNT Gv,Ev            | w:SZAPC f=BMI1
            0f bc /r       | BSF Gv,Ev              | w:OSZAPC
            f3 0f bd /r    | LZCNT Gv,Ev            | w:SZAPC f=LZCNT
            0f bd /r       | BSR Gv,Ev              | w:OSZAPC
            0f be /r       | MOVSX Gv,Eb            |
            0f bf /r       | MOVSX Gv,Ew            |
            0f c0 /r       | XADD Eb,Gb             | lock w:OSZAPC
            0f c1 /r       | XADD Ev,Gv             | lock w:OSZAPC
            np 0f c3 /r mem | MOVNTI My,Gy           | f=SSE2
            0f c7 /1 w0 mem | CMPXCHG8B Mq           | lock w:Z f=CX8
            0f c7 /1 w1 mem | CMPXCHG16B Mx          | lock w:Z fault f=CX16
            f3 0f c7 /7 reg | RDPID Rh               | f=RDPID
            0f c8 +r       | BSWAP Zv               |
            0f ff /r       | UD0 Gv,Ev              | term fault
            nr 0f 38 f0 /r mem | MOVBE Gv,Mv            | f=MOVBE
            nr 0f 38 f1 /r mem | MOVBE Mv,Gv            | f=MOVBE
            f2 0f 38 f0 /r | CRC32 Gy,Eb            | f=SSE4.2
            f2 0f 38 f1 /r | CRC32 Gy,Ev            | f=SSE4.2
            66 0f 38 f6 /r | ADCX Gy,Ey             | r:C w:C f=ADX
            f3 0f 38 f6 /r | ADOX Gy,Ey             | r:O w:O f=ADX
            vex np 0f 38 f2 l0 /r | ANDN Gy,By,Ey          | w:OSZAPC f=BMI1
            vex np 0f 38 f3 l0 /1 | BLSR By,Ey             | w:OSZAPC f=BMI1
            vex np 0f 38 f3 l0 /2 | BLSMSK By,Ey           | w:OSZAPC f=BMI1
            vex np 0f 38 f3 l0 /3 | BLSI By,Ey             | w:OSZAPC f=BMI1
            vex np 0f 38 f5 l0 /r | BZHI Gy,Ey,By          | w:OSZAPC f=BMI2
            vex f3 0f 38 f5 l0 /r | PEXT Gy,By,Ey          | f=BMI2
            vex f2 0f 38 f5 l0 /r | PDEP Gy,By,Ey          | f=BMI2
            vex f2 0f 38 f6 l0 /r | MULX Gy,By,Ey          | f=BMI2
            vex np 0f 38 f7 l0 /r | BEXTR Gy,Ey,By         | w:OSZAPC f=BMI1
            vex 66 0f 38 f7 l0 /r | SHLX Gy,Ey,By          | f=BMI2
            vex f3 0f 38 f7 l0 /r | SARX Gy,Ey,By          | f=BMI2
            vex f2 0f 38 f7 l0 /r | SHRX Gy,Ey,By          | f=BMI2
            vex f2 0f 3a f0 l0 /r | RORX Gy,Ey,Ib          | f=BMI2
            """;
}
