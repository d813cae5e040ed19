# The image's entries. Offset 0: the multiboot header that QEMU's -kernel wants (32-bit entry). Offset 64: entry of a machine that is in
# 64-bit mode already: RDI = kernel, RSI = rounds; ends with SYSCALL, the result in RAX.
    .section .head, "ax"
    .globl image
image:
    .long 0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
    .long image, image, image_end, memory_end, start32
    .org 64
    .code64
    mov $stack_top, %esp
    call run
    syscall
    ud2

    .org 128
    .code32
start32:
    # identity map of 1 GiB in 2 MiB pages, long mode, SSE
    mov $tables, %edi
    lea 4096+7(%edi), %eax
    mov %eax, (%edi)
    lea 8192+7(%edi), %eax
    mov %eax, 4096(%edi)
    mov $0x87, %eax
    xor %ecx, %ecx
1:  mov %eax, 8192(%edi,%ecx,8)
    add $0x200000, %eax
    inc %ecx
    cmp $512, %ecx
    jne 1b
    mov %edi, %cr3
    mov $0x6a0, %eax            # PAE, PGE, OSFXSR, OSXMMEXCPT
    mov %eax, %cr4
    mov $0xc0000080, %ecx
    rdmsr
    or $0x100, %eax
    wrmsr
    mov $0x80010013, %eax       # PG, WP, ET, MP, PE; EM and TS off
    mov %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $start64

    .balign 8
gdt:
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
    .word 23
    .long gdt

    .code64
start64:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $stack_top, %esp
    call serve

    .section .bss
    .balign 4096
tables:
    .skip 12288
