import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyboxRootfs } from '@gocker/testkit'
import { runFixture, succeeded } from '../test/support/running.ts'

// A processor of arm64 may run programs of 32 bits, which have numbers of their own. test/defaults-calls.test.ts asks the same of x64.
const skip = process.arch !== 'arm64' && 'the program is for ARM'
const { gocker, run } = runFixture()

/** Numbers of 32-bit ARM: given nothing but ones the kernel itself answers with something other than EPERM. */
const REFUSED = { mount: 21, umount2: 52, unshare: 337, setns: 375, keyctl: 311, add_key: 309, request_key: 310, perf_event_open: 364 }
const REFUSED_EVERYWHERE = { open_tree: 428, move_mount: 429, mount_setattr: 442, io_uring_setup: 425 }
const ALLOWED = { close: 6, fchdir: 133, flock: 143, epoll_create1: 357, getpriority: 96 }
const CLONE3 = { clone3: 435 }
const CALLS: Readonly<Record<string, number>> = { ...REFUSED, ...REFUSED_EVERYWHERE, ...ALLOWED, ...CLONE3 }
const [EPERM, ENOSYS] = [-1, -38]

/** Makes each call, and prints what came of it. */
const CODE = [
  0xe28f_804c, // add r8, pc, #76: the numbers
  0xe498_7004, // ldr r7, [r8], #4
  0xe377_0001, // cmn r7, #1
  0x0a00_000d, // beq end
  0xe3e0_0000, // mvn r0, #0
  0xe3e0_1000, // mvn r1, #0
  0xe3e0_2000, // mvn r2, #0
  0xe3e0_3000, // mvn r3, #0
  0xe3e0_4000, // mvn r4, #0
  0xe3e0_5000, // mvn r5, #0
  0xef00_0000, // svc 0
  0xe52d_0004, // push {r0}
  0xe3a0_0001, // mov r0, #1
  0xe1a0_100d, // mov r1, sp
  0xe3a0_2004, // mov r2, #4
  0xe3a0_7004, // mov r7, #4: write
  0xef00_0000, // svc 0
  0xeaff_ffee, // b: the next number
  0xe3a0_7001, // end: mov r7, #1: exit
  0xe3a0_0000, // mov r0, #0
  0xef00_0000, // svc 0
]

/** A static program of one segment. @see elf(5) */
function program(): Buffer {
  const [base, head] = [0x1_0000, 84]
  const words = [...CODE, ...Object.values(CALLS), 0xffff_ffff]
  const file = Buffer.alloc(head + 4 * words.length)
  file.write('\x7fELF\x01\x01\x01', 'latin1')
  for (const [index, half] of [2, 40].entries()) file.writeUInt16LE(half, 16 + 2 * index)
  // EABI version 5.
  for (const [index, word] of [1, base + head, 52, 0, 0x500_0000].entries()) file.writeUInt32LE(word, 20 + 4 * index)
  for (const [index, half] of [52, 32, 1].entries()) file.writeUInt16LE(half, 40 + 2 * index)
  for (const [index, word] of [1, 0, base, base, file.length, file.length, 5, 0x1000].entries()) file.writeUInt32LE(word, 52 + 4 * index)
  for (const [index, word] of words.entries()) file.writeUInt32LE(word, head + 4 * index)
  return file
}

async function answers(flags: readonly string[] = []): Promise<number[]> {
  const { stdoutBytes } = await run(['--network', 'none', ...flags, 'calling', '/probe'])
  return Array.from({ length: stdoutBytes.length / 4 }, (_, index) => stdoutBytes.readInt32LE(4 * index))
}

test('what docker refuses is refused to programs of 32 bits on arm64', { skip }, async (t) => {
  succeeded(await gocker(['import', '-', 'calling'], { input: busyboxRootfs([{ name: 'probe', content: program(), mode: 0o755 }]) }))
  const [filtered, free] = [await answers(), await answers(['--security-opt', 'seccomp=unconfined'])]
  if (free.length === 0) return t.skip('this processor or kernel runs no programs of 32 bits')
  const names = Object.keys(CALLS)
  assert.deepEqual([filtered.length, free.length], [names.length, names.length])
  for (const [index, name] of names.entries()) {
    const expected = name in ALLOWED ? free[index] : name in CLONE3 ? ENOSYS : EPERM
    assert.equal(filtered[index], expected, name)
  }
  // Most would have gone through without the filter, or this would prove nothing.
  assert.ok(free.filter((answer) => answer !== EPERM).length >= names.length - 4, `${free}`)
})
