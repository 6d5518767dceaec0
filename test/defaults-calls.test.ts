import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { busyboxRootfs } from '@gocker/testkit'
import { assembled } from './support/assembled.ts'
import { runFixture, succeeded } from './support/running.ts'

/**
 * What the kernel answers in a container without any flag: programs call by themselves, in every way that a processor knows. That the filter says of every
 * number what libseccomp would make of docker's profile is a test of the compiler's.
 */

const { gocker, run } = runFixture()
const NO_NETWORK = ['--network', 'none']
const UNFILTERED = ['--security-opt', 'seccomp=unconfined']
const skip = process.arch !== 'x64' && 'the programs are for x64'

/**
 * Calls that docker's profile refuses, by their numbers for programs of 64 bits and of 32: given nothing but ones the kernel itself answers each with
 * something other than EPERM, so that the answer tells whether the filter was asked.
 */
const REFUSED: Readonly<Record<string, readonly [x64: number, x86: number]>> = {
  mount: [165, 21],
  umount2: [166, 52],
  unshare: [272, 310],
  setns: [308, 346],
  keyctl: [250, 288],
  add_key: [248, 286],
  request_key: [249, 287],
  perf_event_open: [298, 336],
  mbind: [237, 274],
  set_mempolicy: [238, 276],
  move_pages: [279, 317],
  open_tree: [428, 428],
  move_mount: [429, 429],
  mount_setattr: [442, 442],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
}
const ALLOWED: Readonly<Record<string, readonly [x64: number, x86: number]>> = {
  close: [3, 6],
  fchdir: [81, 133],
  flock: [73, 143],
  epoll_create1: [291, 329],
  getpriority: [140, 96],
}
const CLONE3 = 435
const CALLS = [...Object.values(REFUSED), ...Object.values(ALLOWED), [CLONE3, CLONE3] as const]
const NAMES = [...Object.keys(REFUSED), ...Object.keys(ALLOWED), 'clone3']
const X32 = 0x4000_0000
const [EPERM, ENOSYS] = [-1, -38]

const ones = (registers: string) =>
  registers
    .split(' ')
    .map((name) => `mov $-1, %${name}`)
    .join('\n')

/** Makes each call and prints what came of it; `int $0x80` is how programs of 32 bits call, and others can. */
function wideProbe(): string {
  const numbers = [...CALLS.map(([x64]) => x64), ...CALLS.map(([x64]) => x64 + X32), -1, ...CALLS.map(([, x86]) => x86), -1]
  const loop = (label: string, registers: string, call: string) => `
${label}: mov (%rbx), %eax
  cmp $-1, %eax
  je ${label}_end
  push %rbx
  ${ones(registers)}
  ${call}
  pop %rbx
  mov %eax, answer(%rip)
  mov $1, %eax
  mov $1, %edi
  lea answer(%rip), %rsi
  mov $4, %edx
  syscall
  add $4, %rbx
  jmp ${label}
${label}_end: add $4, %rbx`
  return `.globl _start
_start: lea numbers(%rip), %rbx
${loop('native', 'rdi rsi rdx r10 r8 r9', 'syscall')}
${loop('narrow', 'rbx rcx rdx rsi rdi rbp', 'int $0x80')}
  mov $60, %eax
  xor %edi, %edi
  syscall
.data
numbers: .long ${numbers.join(', ')}
answer: .long 0
`
}

/** A program of 32 bits does the same. */
function narrowProbe(): string {
  return `.globl _start
_start: mov next, %eax
  mov (%eax), %eax
  cmp $-1, %eax
  je end
  addl $4, next
  ${ones('ebx ecx edx esi edi ebp')}
  int $0x80
  mov %eax, answer
  mov $4, %eax
  mov $1, %ebx
  mov $answer, %ecx
  mov $4, %edx
  int $0x80
  jmp _start
end: mov $1, %eax
  xor %ebx, %ebx
  int $0x80
.data
next: .long numbers
numbers: .long ${[...CALLS.map(([, x86]) => x86), -1].join(', ')}
answer: .long 0
`
}

/** Prints the number of its session keyring, 4 bytes, and what that is called. */
const KEYRING = `.globl _start
_start: mov $250, %eax
  xor %edi, %edi
  mov $-3, %rsi
  xor %edx, %edx
  syscall
  mov %eax, number(%rip)
  mov $250, %eax
  mov $6, %edi
  mov number(%rip), %esi
  lea name(%rip), %rdx
  mov $200, %r10
  syscall
  mov $1, %eax
  mov $1, %edi
  lea number(%rip), %rsi
  mov $204, %edx
  syscall
  mov $60, %eax
  xor %edi, %edi
  syscall
.data
number: .long 0
name: .zero 200
`

let imported: Promise<unknown> | undefined

/** busybox with these programs. */
function image(t: TestContext): Promise<unknown> {
  const file = (name: string, content: Buffer) => ({ name, content, mode: 0o755 })
  imported ??= gocker(['import', '-', 'calling'], {
    input: busyboxRootfs([
      file('wide', assembled(t, wideProbe())),
      file('narrow', assembled(t, narrowProbe(), { bits: 32 })),
      file('keyring', assembled(t, KEYRING)),
    ]),
  }).then(succeeded)
  return imported
}

async function answers(program: string, flags: readonly string[] = []): Promise<number[]> {
  const { stdoutBytes } = await run([...NO_NETWORK, ...flags, 'calling', program])
  return Array.from({ length: stdoutBytes.length / 4 }, (_, index) => stdoutBytes.readInt32LE(4 * index))
}

/** @param free what the kernel itself answers */
function assertFiltered(filtered: readonly number[], free: readonly number[], caller: string): void {
  assert.equal(filtered.length, NAMES.length, caller)
  for (const [index, name] of NAMES.entries()) {
    const what = `${name}, ${caller}`
    if (name in REFUSED) assert.equal(filtered[index], EPERM, what)
    else if (name === 'clone3') assert.equal(filtered[index], ENOSYS, what)
    else assert.equal(filtered[index], free[index], what)
  }
  // Most would have gone through without the filter, or this would prove nothing.
  const proven = NAMES.filter((name, index) => name in REFUSED && free[index] !== EPERM)
  assert.ok(proven.length >= 8, `${caller}: ${proven}`)
}

test('what docker refuses is refused, to calls of 64 bits, of x32 and of 32 bits', { skip }, async (t) => {
  await image(t)
  const [filtered, free] = [await answers('/wide'), await answers('/wide', UNFILTERED)]
  // A kernel may be without calls of 32 bits, and kills who makes them.
  assert.ok(filtered.length >= 2 * NAMES.length && filtered.length === free.length, `${filtered.length} answers of ${free.length}`)
  for (const [place, caller] of ['x64', 'x32', 'x86'].slice(0, filtered.length / NAMES.length).entries()) {
    const part = (all: readonly number[]) => all.slice(place * NAMES.length, (place + 1) * NAMES.length)
    assertFiltered(part(filtered), part(free), caller)
  }
})

test('what docker refuses is refused to programs of 32 bits', { skip }, async (t) => {
  await image(t)
  const [filtered, free] = [await answers('/narrow'), await answers('/narrow', UNFILTERED)]
  if (free.length === 0) return t.skip('this kernel is without programs of 32 bits')
  assertFiltered(filtered, free, 'x86')
})

/** The number and the name of the session keyring that a command has. */
function keyringOf(bytes: Buffer): { number: number; name: string } {
  const description = bytes.subarray(4).toString('latin1').replaceAll('\0', '')
  return { number: bytes.readInt32LE(), name: description.slice(description.lastIndexOf(';') + 1) }
}

test('a container has a session keyring of its own, which its commands share, and may not ask for keys', { skip }, async (t) => {
  await image(t)
  const [refused] = await answers('/keyring')
  assert.equal(refused, EPERM)
  const id = succeeded(await gocker(['run', '-d', ...NO_NETWORK, ...UNFILTERED, 'calling', 'sleep', '1000'])).stdout.trim()
  try {
    const [one, again] = [succeeded(await gocker(['exec', id, '/keyring'])), succeeded(await gocker(['exec', id, '/keyring']))]
    const [own, shared] = [keyringOf(one.stdoutBytes), keyringOf(again.stdoutBytes)]
    assert.equal(own.name, `_ses.${id}`)
    assert.deepEqual(shared, own)
    const other = keyringOf((await run([...NO_NETWORK, ...UNFILTERED, 'calling', '/keyring'])).stdoutBytes)
    assert.match(other.name, /^_ses\.[0-9a-f]{64}$/)
    assert.notEqual(other.number, own.number)
  } finally {
    await gocker(['rm', '-f', id])
  }
})
