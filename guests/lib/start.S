/* Entry of the small guests: Xen notes, the first stack, trap and event entries. v == p: the image runs where it is loaded. */
    .macro note type, desc:vararg
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \desc
2:  .balign 4
    .endm
    .section .note.Xen, "a", @note
    note 6, .asciz "guests"
    note 5, .asciz "xen-3.0"
    note 8, .asciz "generic"
    note 9, .asciz "yes"
    note 3, .quad 0
    note 4, .quad 0
    note 1, .quad _start
    note 2, .quad hypercall_page

    .text
    .globl _start
_start:
    cld
    lea stack_top(%rip), %rsp
    xor %ebp, %ebp
    mov %rsi, %rdi
    call begin
    ud2

/* Bounce frame as the hypervisor pushes it: rcx, r11, [error code], rip, cs, rflags, rsp, ss. */
    .macro frame vector, has_error
trap_\vector:
    pop %rcx
    pop %r11
    .if \has_error == 0
    push $0
    .endif
    push $\vector
    jmp common
    .endm

    frame 0, 0
    frame 1, 0
    frame 2, 0
    frame 3, 0
    frame 4, 0
    frame 5, 0
    frame 6, 0
    frame 7, 0
    frame 8, 1
    frame 9, 0
    frame 10, 1
    frame 11, 1
    frame 12, 1
    frame 13, 1
    frame 14, 1
    frame 15, 0
    frame 16, 0
    frame 17, 1
    frame 18, 0
    frame 19, 0
    frame 20, 0
    frame 32, 0
    frame 128, 0

common:
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rax
    push %r8
    push %r9
    push %r10
    push %r11
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    cld
    mov %rsp, %rdi
    mov %rsp, %rbp
    and $-16, %rsp
    cmpq $32, 120(%rbp)
    je 1f
    mov on_trap(%rip), %rax
    call *%rax
    jmp 2f
1:  mov on_event(%rip), %rax
    call *%rax
2:  mov %rbp, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rax
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    add $16, %rsp
    /* iret hypercall frame: rax, r11, rcx, flags, rip, cs, rflags, rsp, ss */
    push $0
    push %rcx
    push %r11
    push %rax
    mov $23, %eax
    syscall
    ud2

/* run_user(rip, rsp, cs): the way into user mode; back_from_user is where leave_user() sends the kernel's context. */
    .globl run_user, back_from_user
run_user:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, user_return_rsp(%rip)
    push $0xe02b
    push %rsi
    push $0x200
    push %rdx
    push %rdi
    push $0
    push $0
    push $0
    push $0
    mov $23, %eax
    syscall
    ud2
back_from_user:
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    .section .rodata
    .balign 8
    .globl trap_entry, event_entry, system_call_entry
trap_entry:
    .quad trap_0, trap_1, trap_2, trap_3, trap_4, trap_5, trap_6, trap_7, trap_8, trap_9, trap_10, trap_11, trap_12, trap_13, trap_14
    .quad trap_15, trap_16, trap_17, trap_18, trap_19, trap_20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
event_entry:
    .quad trap_32
system_call_entry:
    .quad trap_128

    .bss
    .globl user_return_rsp
    .balign 8
user_return_rsp:
    .skip 8
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096
stack:
    .skip 32768
stack_top:
    .section .note.GNU-stack, "", @progbits
