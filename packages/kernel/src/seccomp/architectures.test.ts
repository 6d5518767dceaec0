import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { architecturesOf, X32_BIT } from './architectures.ts'
import { ARM } from './numbers/arm.ts'
import { ARM64 } from './numbers/arm64.ts'
import { X32_ABSENT, X32_MOVED } from './numbers/x32.ts'
import { X64 } from './numbers/x64.ts'
import { X86 } from './numbers/x86.ts'

interface Header {
  readonly architecture: string
  readonly table: string
  readonly files: readonly string[]
  /** Names in the header that are no calls of the architecture. */
  readonly foreign?: RegExp
  /** Calls that came after the header between older numbers. */
  readonly younger?: readonly string[]
}

// Of linux-libc-dev, and for ARM of linux-libc-dev-armhf-cross.
const HEADERS: readonly Header[] = [
  {
    architecture: 'SCMP_ARCH_X86_64',
    table: X64,
    files: ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h'],
    younger: ['uretprobe', 'uprobe'],
  },
  { architecture: 'SCMP_ARCH_X86', table: X86, files: ['/usr/include/x86_64-linux-gnu/asm/unistd_32.h'] },
  { architecture: 'SCMP_ARCH_X32', table: `${X64} ${X32_MOVED}`, files: ['/usr/include/x86_64-linux-gnu/asm/unistd_x32.h'] },
  {
    architecture: 'SCMP_ARCH_AARCH64',
    table: ARM64,
    files: ['/usr/include/asm-generic/unistd.h'],
    // What the generic table has for 32-bit machines.
    foreign: /64$|^(llseek|mmap2|sync_file_range2|stat|lstat|arch_specific_syscall)$/,
  },
  {
    architecture: 'SCMP_ARCH_ARM',
    table: ARM,
    files: ['unistd-eabi.h', 'unistd.h'].map((name) => `/usr/arm-linux-gnueabihf/include/asm/${name}`),
    foreign: /^(OABI_SYSCALL_BASE|SYSCALL_MASK|SYSCALL_BASE|sync_file_range2|BASE)$/,
  },
]

for (const { architecture, table, files, foreign, younger = [] } of HEADERS) {
  const installed = files.every((file) => existsSync(file))
  describe(`system call numbers of ${architecture}`, { skip: !installed && `needs ${files.join(', ')}` }, () => {
    const header = installed ? readHeaders(files) : new Map<string, number>()
    const numberOf = lookup(architecture)
    const newest = Math.max(...[...header.values()].filter((number) => number < 0xf_0000))

    test('are those of the header', () => {
      for (const [name, number] of header) {
        const ours = numberOf(name)
        if (ours === undefined && foreign?.test(name)) continue
        assert.equal(ours, number, name)
      }
      assert.ok(header.size > 300)
    })

    test('are not more than those of the header, but for younger calls', () => {
      for (const name of new Set(table.split(/[\s\d]+(?=[a-z_])|\s+/).filter(Boolean))) {
        const number = numberOf(name)
        if (number === undefined || number > newest || younger.includes(name)) continue
        assert.equal(header.get(name), number, name)
      }
    })
  })
}

test('x32 has the calls of x86-64 under numbers with a bit of their own, but for those it has anew or not', () => {
  const numberOf = lookup('SCMP_ARCH_X32')
  assert.equal(numberOf('read'), X32_BIT)
  assert.equal(numberOf('execve'), X32_BIT + 520)
  for (const name of X32_ABSENT.split(' ')) assert.equal(numberOf(name), undefined, name)
})

test('calls since 424 have one number everywhere, and 32-bit ARM no memfd_secret', () => {
  for (const architecture of ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']) {
    assert.equal(lookup(architecture)('pidfd_open'), 434)
    assert.equal(lookup(architecture)('file_setattr'), 469)
  }
  assert.equal(lookup('SCMP_ARCH_ARM')('memfd_secret'), undefined)
})

function lookup(name: string): (call: string) => number | undefined {
  const all = [...architecturesOf('x64', ['SCMP_ARCH_X86', 'SCMP_ARCH_X32']), ...architecturesOf('arm64', ['SCMP_ARCH_ARM'])]
  const found = all.find((architecture) => architecture.name === name)
  assert.ok(found)
  return found.numberOf
}

/** `#define __NR_read 0`, or the same as a number that is defined before, or that and a base. */
function readHeaders(files: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>()
  const bases: Readonly<Record<string, number>> = { __X32_SYSCALL_BIT: X32_BIT, __NR_SYSCALL_BASE: 0, __ARM_NR_BASE: 0xf_0000 }
  const shared = new Map<string, number>()
  for (const line of files.flatMap((file) => readFileSync(file, 'utf8').split('\n'))) {
    const [, prefix, name = '', value = ''] = /^#define\s+__(NR|NR3264|ARM_NR)_(\w+)\s+(.*?)\s*$/.exec(line) ?? []
    const [base = '', offset] = value.replace(/[()]/g, '').split(/\s*\+\s*/)
    const number = offset === undefined ? (shared.get(base) ?? Number(base)) : (bases[base] ?? Number.NaN) + Number(offset)
    // The generic table ends with how many there are.
    if (prefix === undefined || name === 'syscalls' || Number.isNaN(number)) continue
    if (prefix === 'NR3264') shared.set(`__NR3264_${name}`, number)
    else numbers.set(name, number)
  }
  return numbers
}
