// The walker of a launch program, for aarch64: takes one row after another and makes one system call for each.
//
// A row is thirteen 64-bit words (launch/row-layout.ts):
//    0  number of the system call; -1: no call, subtract argument 2 from argument 1
//    1  .. 6 arguments
//    7  indirect arguments: bit n set: word n is the address of the argument
//    8  address where the result is stored
//    9  errors passed over: bit n for errno n, all bits set for every error
//   10  row to go to after an error that is passed over, or after a negative difference
//   11  row to go to after a positive result
//   12  row to go to after zero
// The word before the first row is the address of the report descriptor's number.
//
// Nothing lives on the stack while a call is made: a child of a clone that shares memory may have any stack.

        .set    ROWS, 0x20001008

        movz    x19, #(ROWS & 0xffff)   // x19: the row
        movk    x19, #(ROWS >> 16), lsl #16
        ldr     x20, [x19, #-8]         // x20: address of the report descriptor's number
step:
        ldr     x8, [x19]
        ldp     x0, x1, [x19, #8 * 1]
        ldp     x2, x3, [x19, #8 * 3]
        ldp     x4, x5, [x19, #8 * 5]
        ldr     x9, [x19, #8 * 7]
        tbz     x9, #1, 1f
        ldr     x0, [x0]
1:      tbz     x9, #2, 2f
        ldr     x1, [x1]
2:      tbz     x9, #3, 3f
        ldr     x2, [x2]
3:      tbz     x9, #4, 4f
        ldr     x3, [x3]
4:      tbz     x9, #5, 5f
        ldr     x4, [x4]
5:      tbz     x9, #6, 6f
        ldr     x5, [x5]
6:      cmn     x8, #1
        b.eq    compare
        svc     #0
        b       store
compare:
        sub     x0, x0, x1
store:
        ldr     x9, [x19, #8 * 8]
        str     x0, [x9]
        cbz     x0, zero
        tbnz    x0, #63, negative
        ldr     x19, [x19, #8 * 11]
        b       step
zero:
        ldr     x19, [x19, #8 * 12]
        b       step
negative:
        neg     x0, x0                  // x0: errno
        ldr     x9, [x19, #8 * 9]
        cmn     x9, #1
        b.eq    pass
        cmp     x0, #64                 // lsr would take errno modulo 64
        b.hs    fail
        lsr     x9, x9, x0
        tbz     x9, #0, fail
pass:
        ldr     x19, [x19, #8 * 10]
        b       step
fail:                                   // the record: kind 0, address of the row, errno, 0
        stp     x0, xzr, [sp, #-16]!
        stp     xzr, x19, [sp, #-16]!
        ldr     x0, [x20]
        mov     x1, sp
        mov     x2, #32
        mov     x8, #64                 // write
        svc     #0
        mov     x0, #127
        mov     x8, #94                 // exit_group
        svc     #0
