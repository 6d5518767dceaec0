# The walker of a launch program, for x86-64: takes one row after another and makes one system call for each.
#
# A row is thirteen 64-bit words (launch/row-layout.ts):
#    0  number of the system call; -1: no call, subtract argument 2 from argument 1
#    1  .. 6 arguments
#    7  indirect arguments: bit n set: word n is the address of the argument
#    8  address where the result is stored
#    9  errors passed over: bit n for errno n, all bits set for every error
#   10  row to go to after an error that is passed over, or after a negative difference
#   11  row to go to after a positive result
#   12  row to go to after zero
# The word before the first row is the address of the report descriptor's number.
#
# Nothing lives on the stack while a call is made: a child of a clone that shares memory may have any stack.

        .intel_syntax noprefix
        .set    ROWS, 0x20001008

        mov     ebx, ROWS               # rbx: the row
step:
        mov     rcx, [rbx + 8 * 7]
        mov     edx, 6
argument:                               # the last one first, so that they are popped in order
        mov     rax, [rbx + 8 * rdx]
        bt      rcx, rdx
        jnc     direct
        mov     rax, [rax]
direct:
        push    rax
        dec     edx
        jnz     argument
        pop     rdi
        pop     rsi
        pop     rdx
        pop     r10
        pop     r8
        pop     r9
        mov     rax, [rbx]
        cmp     rax, -1
        je      compare
        syscall
        jmp     store
compare:
        sub     rdi, rsi
        mov     rax, rdi
store:
        mov     rdx, [rbx + 8 * 8]
        mov     [rdx], rax
        test    rax, rax
        js      negative
        jz      zero
        mov     rbx, [rbx + 8 * 11]
        jmp     step
zero:
        mov     rbx, [rbx + 8 * 12]
        jmp     step
negative:
        neg     rax                     # rax: errno
        mov     rcx, [rbx + 8 * 9]
        cmp     rcx, -1
        je      pass
        cmp     rax, 64                 # bt would take errno modulo 64
        jae     fail
        bt      rcx, rax
        jnc     fail
pass:
        mov     rbx, [rbx + 8 * 10]
        jmp     step
fail:                                   # the record: kind 0, address of the row, errno, 0
        push    0
        push    rax
        push    rbx
        push    0
        mov     rdi, [ROWS - 8]
        mov     edi, [rdi]
        mov     rsi, rsp
        mov     edx, 32
        mov     eax, 1                  # write
        syscall
        mov     edi, 127
        mov     eax, 231                # exit_group
        syscall
