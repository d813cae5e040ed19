package xen.hw.x86smp.decode;

/** Rows of the one-byte opcode map, without x87. Syntax: see {@link InstructionTable}. */
final class OneByteRows {
    private OneByteRows() {}

    static final String TEXT = """
            00 /r          | ADD Eb,Gb              | lock w:OSZAPC
            01 /r          | ADD Ev,Gv              | lock w:OSZAPC
            02 /r          | ADD Gb,Eb              | w:OSZAPC
            03 /r          | ADD Gv,Ev              | w:OSZAPC
            04             | ADD AL,Ib              | w:OSZAPC
            05             | ADD rAX,Iz             | w:OSZAPC
            06             | PUSH ES                | i64 fault
            07             | POP ES                 | i64 fault
            08 /r          | OR Eb,Gb               | lock w:OSZAPC
            09 /r          | OR Ev,Gv               | lock w:OSZAPC
            0a /r          | OR Gb,Eb               | w:OSZAPC
            0b /r          | OR Gv,Ev               | w:OSZAPC
            0c             | OR AL,Ib               | w:OSZAPC
            0d             | OR rAX,Iz              | w:OSZAPC
            0e             | PUSH CS                | i64 fault
            10 /r          | ADC Eb,Gb              | lock r:C w:OSZAPC
            11 /r          | ADC Ev,Gv              | lock r:C w:OSZAPC
            12 /r          | ADC Gb,Eb              | r:C w:OSZAPC
            13 /r          | ADC Gv,Ev              | r:C w:OSZAPC
            14             | ADC AL,Ib              | r:C w:OSZAPC
            15             | ADC rAX,Iz             | r:C w:OSZAPC
            16             | PUSH SS                | i64 fault
            17             | POP SS                 | i64 fault
            18 /r          | SBB Eb,Gb              | lock r:C w:OSZAPC
            19 /r          | SBB Ev,Gv              | lock r:C w:OSZAPC
            1a /r          | SBB Gb,Eb              | r:C w:OSZAPC
            1b /r          | SBB Gv,Ev              | r:C w:OSZAPC
            1c             | SBB AL,Ib              | r:C w:OSZAPC
            1d             | SBB rAX,Iz             | r:C w:OSZAPC
            1e             | PUSH DS                | i64 fault
            1f             | POP DS                 | i64 fault
            20 /r          | AND Eb,Gb              | lock w:OSZAPC
            21 /r          | AND Ev,Gv              | lock w:OSZAPC
            22 /r          | AND Gb,Eb              | w:OSZAPC
            23 /r          | AND Gv,Ev              | w:OSZAPC
            24             | AND AL,Ib              | w:OSZAPC
            25             | AND rAX,Iz             | w:OSZAPC
            27             | DAA                    | i64 r:AC w:OSZAPC
            28 /r          | SUB Eb,Gb              | lock w:OSZAPC
            29 /r          | SUB Ev,Gv              | lock w:OSZAPC
            2a /r          | SUB Gb,Eb              | w:OSZAPC
            2b /r          | SUB Gv,Ev              | w:OSZAPC
            2c             | SUB AL,Ib              | w:OSZAPC
            2d             | SUB rAX,Iz             | w:OSZAPC
            2f             | DAS                    | i64 r:AC w:OSZAPC
            30 /r          | XOR Eb,Gb              | lock w:OSZAPC
            31 /r          | XOR Ev,Gv              | lock w:OSZAPC
            32 /r          | XOR Gb,Eb              | w:OSZAPC
            33 /r          | XOR Gv,Ev              | w:OSZAPC
            34             | XOR AL,Ib              | w:OSZAPC
            35             | XOR rAX,Iz             | w:OSZAPC
            37             | AAA                    | i64 r:A w:OSZAPC
            38 /r          | CMP Eb,Gb              | w:OSZAPC
            39 /r          | CMP Ev,Gv              | w:OSZAPC
            3a /r          | CMP Gb,Eb              | w:OSZAPC
            3b /r          | CMP Gv,Ev              | w:OSZAPC
            3c             | CMP AL,Ib              | w:OSZAPC
            3d             | CMP rAX,Iz             | w:OSZAPC
            3f             | AAS                    | i64 r:A w:OSZAPC
            40 +r          | INC Zv                 | i64 w:OSZAP
            48 +r          | DEC Zv                 | i64 w:OSZAP
            50 +r          | PUSH Zv                | d64 fault
            58 +r          | POP Zv                 | d64 fault
            60             | PUSHA                  | i64 fault
            61             | POPA                   | i64 fault
            62 /r          | BOUND Gv,Ma            | i64 fault
            63 /r          | MOVSXD Gv,Ed           | o64
            63 /r          | ARPL Ew,Gw             | i64 w:Z
            68             | PUSH Iz                | d64 fault
            69 /r          | IMUL Gv,Ev,Iz          | w:OC
            6a             | PUSH Is                | d64 fault
            6b /r          | IMUL Gv,Ev,Is          | w:OC
            6c             | INS Yb,DX              | str fault term priv=INS
            6d             | INS Yz,DX              | str fault term priv=INS
            6e             | OUTS DX,Xb             | str fault term priv=OUTS
            6f             | OUTS DX,Xz             | str fault term priv=OUTS
            70             | JO Jb                  | f64 term r:O
            71             | JNO Jb                 | f64 term r:O
            72             | JB Jb                  | f64 term r:C
            73             | JAE Jb                 | f64 term r:C
            74             | JE Jb                  | f64 term r:Z
            75             | JNE Jb                 | f64 term r:Z
            76             | JBE Jb                 | f64 term r:CZ
            77             | JA Jb                  | f64 term r:CZ
            78             | JS Jb                  | f64 term r:S
            79             | JNS Jb                 | f64 term r:S
            7a             | JP Jb                  | f64 term r:P
            7b             | JNP Jb                 | f64 term r:P
            7c             | JL Jb                  | f64 term r:SO
            7d             | JGE Jb                 | f64 term r:SO
            7e             | JLE Jb                 | f64 term r:SZO
            7f             | JG Jb                  | f64 term r:SZO
            80 /0          | ADD Eb,Ib              | lock w:OSZAPC
            80 /1          | OR Eb,Ib               | lock w:OSZAPC
            80 /2          | ADC Eb,Ib              | lock r:C w:OSZAPC
            80 /3          | SBB Eb,Ib              | lock r:C w:OSZAPC
            80 /4          | AND Eb,Ib              | lock w:OSZAPC
            80 /5          | SUB Eb,Ib              | lock w:OSZAPC
            80 /6          | XOR Eb,Ib              | lock w:OSZAPC
            80 /7          | CMP Eb,Ib              | w:OSZAPC
            81 /0          | ADD Ev,Iz              | lock w:OSZAPC
            81 /1          | OR Ev,Iz               | lock w:OSZAPC
            81 /2          | ADC Ev,Iz              | lock r:C w:OSZAPC
            81 /3          | SBB Ev,Iz              | lock r:C w:OSZAPC
            81 /4          | AND Ev,Iz              | lock w:OSZAPC
            81 /5          | SUB Ev,Iz              | lock w:OSZAPC
            81 /6          | XOR Ev,Iz              | lock w:OSZAPC
            81 /7          | CMP Ev,Iz              | w:OSZAPC
            82 /0          | ADD Eb,Ib              | i64 lock w:OSZAPC
            82 /1          | OR Eb,Ib               | i64 lock w:OSZAPC
            82 /2          | ADC Eb,Ib              | i64 lock r:C w:OSZAPC
            82 /3          | SBB Eb,Ib              | i64 lock r:C w:OSZAPC
            82 /4          | AND Eb,Ib              | i64 lock w:OSZAPC
            82 /5          | SUB Eb,Ib              | i64 lock w:OSZAPC
            82 /6          | XOR Eb,Ib              | i64 lock w:OSZAPC
            82 /7          | CMP Eb,Ib              | i64 w:OSZAPC
            83 /0          | ADD Ev,Is              | lock w:OSZAPC
            83 /1          | OR Ev,Is               | lock w:OSZAPC
            83 /2          | ADC Ev,Is              | lock r:C w:OSZAPC
            83 /3          | SBB Ev,Is              | lock r:C w:OSZAPC
            83 /4          | AND Ev,Is              | lock w:OSZAPC
            83 /5          | SUB Ev,Is              | lock w:OSZAPC
            83 /6          | XOR Ev,Is              | lock w:OSZAPC
            83 /7          | CMP Ev,Is              | w:OSZAPC
            84 /r          | TEST Eb,Gb             | w:OSZAPC
            85 /r          | TEST Ev,Gv             | w:OSZAPC
            86 /r          | XCHG Eb,Gb             | lock
            87 /r          | XCHG Ev,Gv             | lock
            88 /r          | MOV Eb,Gb              |
            89 /r          | MOV Ev,Gv              |
            8a /r          | MOV Gb,Eb              |
            8b /r          | MOV Gv,Ev              |
            8c /r reg      | MOV Rv,Sw              |
            8c /r mem      | MOV Mw,Sw              |
            8d /r          | LEA Gv,Mn              |
            8e /r          | MOV Sw,Ew              | fault
            8f /0          | POP Ev                 | d64 fault
            f3 90 rexb0    | PAUSE                  |
            90 rexb0       | NOP                    |
            90 +r          | XCHG Zv,rAX            |
            98 o16         | CBW                    |
            98 o32         | CWDE                   |
            98 o64         | CDQE                   |
            99 o16         | CWD                    |
            99 o32         | CDQ                    |
            99 o64         | CQO                    |
            9a             | CALLF Ap               | i64 term fault
            9b             | FWAIT                  | fault
            9c             | PUSHF                  | d64 fault r:OSZAPCD
            9d             | POPF                   | d64 fault term w:OSZAPCD
            9e             | SAHF                   | w:SZAPC
            9f             | LAHF                   | r:SZAPC
            a0             | MOV AL,Ob              |
            a1             | MOV rAX,Ov             |
            a2             | MOV Ob,AL              |
            a3             | MOV Ov,rAX             |
            a4             | MOVS Yb,Xb             | str fault r:D
            a5             | MOVS Yv,Xv             | str fault r:D
            a6             | CMPS Xb,Yb             | str fault r:D w:OSZAPC
            a7             | CMPS Xv,Yv             | str fault r:D w:OSZAPC
            a8             | TEST AL,Ib             | w:OSZAPC
            a9             | TEST rAX,Iz            | w:OSZAPC
            aa             | STOS Yb,AL             | str fault r:D
            ab             | STOS Yv,rAX            | str fault r:D
            ac             | LODS AL,Xb             | str fault r:D
            ad             | LODS rAX,Xv            | str fault r:D
            ae             | SCAS AL,Yb             | str fault r:D w:OSZAPC
            af             | SCAS rAX,Yv            | str fault r:D w:OSZAPC
            b0 +r          | MOV Zb,Ib              |
            b8 +r          | MOV Zv,Iv              |
            c0 /0          | ROL Eb,Ib              | m:OC
            c0 /1          | ROR Eb,Ib              | m:OC
            c0 /2          | RCL Eb,Ib              | r:C m:OC
            c0 /3          | RCR Eb,Ib              | r:C m:OC
            c0 /4          | SHL Eb,Ib              | m:OSZAPC
            c0 /5          | SHR Eb,Ib              | m:OSZAPC
            c0 /6          | SHL Eb,Ib              | m:OSZAPC
            c0 /7          | SAR Eb,Ib              | m:OSZAPC
            c1 /0          | ROL Ev,Ib              | m:OC
            c1 /1          | ROR Ev,Ib              | m:OC
            c1 /2          | RCL Ev,Ib              | r:C m:OC
            c1 /3          | RCR Ev,Ib              | r:C m:OC
            c1 /4          | SHL Ev,Ib              | m:OSZAPC
            c1 /5          | SHR Ev,Ib              | m:OSZAPC
            c1 /6          | SHL Ev,Ib              | m:OSZAPC
            c1 /7          | SAR Ev,Ib              | m:OSZAPC
            c2             | RET Iw                 | f64 term fault
            c3             | RET                    | f64 term fault
            c4 /r mem      | LES Gv,Mp              | i64 fault
            c5 /r mem      | LDS Gv,Mp              | i64 fault
            c6 /0          | MOV Eb,Ib              |
            c7 /0          | MOV Ev,Iz              |
            c8             | ENTER Iw,Kb            | d64 fault
            c9             | LEAVE                  | d64 fault
            ca             | RETF Iw                | term fault
            cb             | RETF                   | term fault
            cc             | INT3                   | term fault
            cd             | INT Ib                 | term fault
            ce             | INTO                   | i64 term fault r:O
            cf             | IRET                   | term fault w:OSZAPCD
            d0 /0          | ROL Eb,1               | w:OC
            d0 /1          | ROR Eb,1               | w:OC
            d0 /2          | RCL Eb,1               | r:C w:OC
            d0 /3          | RCR Eb,1               | r:C w:OC
            d0 /4          | SHL Eb,1               | w:OSZAPC
            d0 /5          | SHR Eb,1               | w:OSZAPC
            d0 /6          | SHL Eb,1               | w:OSZAPC
            d0 /7          | SAR Eb,1               | w:OSZAPC
            d1 /0          | ROL Ev,1               | w:OC
            d1 /1          | ROR Ev,1               | w:OC
            d1 /2          | RCL Ev,1               | r:C w:OC
            d1 /3          | RCR Ev,1               | r:C w:OC
            d1 /4          | SHL Ev,1               | w:OSZAPC
            d1 /5          | SHR Ev,1               | w:OSZAPC
            d1 /6          | SHL Ev,1               | w:OSZAPC
            d1 /7          | SAR Ev,1               | w:OSZAPC
            d2 /0          | ROL Eb,CL              | m:OC
            d2 /1          | ROR Eb,CL              | m:OC
            d2 /2          | RCL Eb,CL              | r:C m:OC
            d2 /3          | RCR Eb,CL              | r:C m:OC
            d2 /4          | SHL Eb,CL              | m:OSZAPC
            d2 /5          | SHR Eb,CL              | m:OSZAPC
            d2 /6          | SHL Eb,CL              | m:OSZAPC
            d2 /7          | SAR Eb,CL              | m:OSZAPC
            d3 /0          | ROL Ev,CL              | m:OC
            d3 /1          | ROR Ev,CL              | m:OC
            d3 /2          | RCL Ev,CL              | r:C m:OC
            d3 /3          | RCR Ev,CL              | r:C m:OC
            d3 /4          | SHL Ev,CL              | m:OSZAPC
            d3 /5          | SHR Ev,CL              | m:OSZAPC
            d3 /6          | SHL Ev,CL              | m:OSZAPC
            d3 /7          | SAR Ev,CL              | m:OSZAPC
            d4             | AAM Ib                 | i64 fault w:OSZAPC
            d5             | AAD Ib                 | i64 w:OSZAPC
            d6             | SALC                   | i64 r:C
            d7             | XLAT                   | fault
            e0             | LOOPNE Jb              | f64 term r:Z
            e1             | LOOPE Jb               | f64 term r:Z
            e2             | LOOP Jb                | f64 term
            e3             | JRCXZ Jb               | f64 term
            e4             | IN AL,Ib               | term fault priv=IN
            e5             | IN eAX,Ib              | term fault priv=IN
            e6             | OUT Ib,AL              | term fault priv=OUT
            e7             | OUT Ib,eAX             | term fault priv=OUT
            e8             | CALL Jz                | f64 term fault
            e9             | JMP Jz                 | f64 term
            ea             | JMPF Ap                | i64 term fault
            eb             | JMP Jb                 | f64 term
            ec             | IN AL,DX               | term fault priv=IN
            ed             | IN eAX,DX              | term fault priv=IN
            ee             | OUT DX,AL              | term fault priv=OUT
            ef             | OUT DX,eAX             | term fault priv=OUT
            f1             | ICEBP                  | term fault
            f4             | HLT                    | term fault priv=HLT
            f5             | CMC                    | r:C w:C
            f6 /0          | TEST Eb,Ib             | w:OSZAPC
            f6 /1          | TEST Eb,Ib             | w:OSZAPC
            f6 /2          | NOT Eb                 | lock
            f6 /3          | NEG Eb                 | lock w:OSZAPC
            f6 /4          | MUL Eb                 | w:OC
            f6 /5          | IMUL Eb                | w:OC
            f6 /6          | DIV Eb                 | fault w:SZAP
            f6 /7          | IDIV Eb                | fault w:SZAP
            f7 /0          | TEST Ev,Iz             | w:OSZAPC
            f7 /1          | TEST Ev,Iz             | w:OSZAPC
            f7 /2          | NOT Ev                 | lock
            f7 /3          | NEG Ev                 | lock w:OSZAPC
            f7 /4          | MUL Ev                 | w:OC
            f7 /5          | IMUL Ev                | w:OC
            f7 /6          | DIV Ev                 | fault w:SZAP
            f7 /7          | IDIV Ev                | fault w:SZAP
            f8             | CLC                    | w:C
            f9             | STC                    | w:C
            fa             | CLI                    | term fault priv=CLI
            fb             | STI                    | term fault priv=STI
            fc             | CLD                    | w:D
            fd             | STD                    | w:D
            fe /0          | INC Eb                 | lock w:OSZAP
            fe /1          | DEC Eb                 | lock w:OSZAP
            ff /0          | INC Ev                 | lock w:OSZAP
            ff /1          | DEC Ev                 | lock w:OSZAP
            ff /2          | CALL Ev                | f64 term fault
            ff /3 mem      | CALLF Mp               | term fault
            ff /4          | JMP Ev                 | f64 term fault
            ff /5 mem      | JMPF Mp                | term fault
            ff /6          | PUSH Ev                | d64 fault
            """;
}
