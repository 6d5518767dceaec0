import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeProgram } from './encode.ts'
import { showOperand } from './explain-operand.ts'
import { exitAs, superviseChild } from './fragments/wait.ts'
import { at, bytes, perArchitecture, slot, struct, value, vector } from './operand.ts'
import { LaunchProgram } from './program.ts'
import { ROW_SIZE } from './row-layout.ts'
import { run } from './run-for-test.ts'

const MACHINES = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' }
const LARGEST_PAGE = 0x10000

for (const architecture of ['x64', 'arm64'] as const) {
  test(`a program for ${architecture} is a well-formed executable`, () => {
    const { header, segments } = inspect(encodeProgram(sample(), architecture))
    assert.match(header, new RegExp(`Machine: +${MACHINES[architecture]}\n`))
    assert.match(header, /Type: +EXEC/)
    assert.deepEqual(
      segments.map(({ type, flags }) => `${type} ${flags}`),
      ['LOAD R E', 'LOAD R', 'LOAD RW', 'GNU_STACK RW'],
    )
  })

  test(`segments of a program for ${architecture} can be mapped with pages of any size`, () => {
    const loaded = inspect(encodeProgram(sample(), architecture)).segments.filter(({ type }) => type === 'LOAD')
    for (const { offset, address, fileSize, memorySize } of loaded) {
      assert.equal(offset % LARGEST_PAGE, address % LARGEST_PAGE)
      assert.ok(memorySize >= fileSize)
    }
    const pages = loaded.map(({ address, memorySize }) => [
      Math.floor(address / LARGEST_PAGE),
      Math.floor((address + memorySize - 1) / LARGEST_PAGE),
    ])
    for (const [index, [first = 0]] of pages.entries()) assert.ok(index === 0 || first > (pages[index - 1]?.[1] ?? 0))
  })
}

test('a program is as small as its rows and texts, and slots are not in the file', () => {
  const small = encodeProgram(new LaunchProgram(), 'x64').length
  const slots = encodeProgram(new LaunchProgram().report('large', [slot('large', 10_000_000)]), 'x64').length
  assert.ok(small <= 3 * 4096, `${small}`)
  assert.ok(slots <= 3 * 4096, `${slots}`)
})

test('the same text is in the file once', () => {
  const program = new LaunchProgram()
  for (let index = 0; index < 10; index++) program.row({ name: 'enter', call: 'chdir', args: ['/some/directory'] })
  const image = encodeProgram(program, 'x64')
  assert.equal(image.indexOf('/some/directory\0'), image.lastIndexOf('/some/directory\0'))
})

test('numbers that differ between architectures are chosen, calls as well', () => {
  const O_DIRECTORY = perArchitecture({ x64: 0o200000, arm64: 0o40000 })
  const program = new LaunchProgram().row({ name: 'open', call: 'openat', args: [-100, '/', O_DIRECTORY] })
  assert.deepEqual(firstRow(encodeProgram(program, 'x64')).slice(0, 4), [
    257n,
    -100n,
    firstRow(encodeProgram(program, 'x64'))[2],
    0o200000n,
  ])
  assert.equal(firstRow(encodeProgram(program, 'arm64'))[0], 56n)
  assert.equal(firstRow(encodeProgram(program, 'arm64'))[3], 0o40000n)
})

test('what cannot be encoded is refused by name', () => {
  const refused = (program: LaunchProgram, message: RegExp) =>
    assert.throws(() => encodeProgram(program, 'x64'), { name: 'KernelError', code: 'EINVAL', message })
  refused(new LaunchProgram().jump('nowhere'), /planning go to "nowhere": .* no such label/)
  refused(new LaunchProgram().report('two', [slot('a'), slot('a', 16)]), /slot a: .* 8 bytes .* 16/)
  refused(new LaunchProgram().row({ name: 'enter', call: 'chdir', args: ['/etc\0/x'] }), /NUL inside/)
  const indirect = struct([value(slot('a'))])
  refused(new LaunchProgram().row({ name: 'write', call: 'writev', args: [1, indirect, 1] }), /stored by a row/)
})

test('a program for arm64 runs', {
  skip:
    spawnSync('qemu-aarch64-static', ['--version']).error === undefined
      ? false
      : 'qemu-aarch64-static (Debian: qemu-user-static) is not here',
}, () => {
  const outcome = emulate(encodeProgram(sample(), 'arm64'))
  assert.deepEqual(outcome, { stdout: '.....left right\n', status: 143, report: '' })
  const failing = new LaunchProgram().row({ name: 'getpid', call: 'getpid' }).row({ name: 'enter', call: 'chdir', args: ['/nowhere'] })
  const { status, report } = emulate(encodeProgram(failing, 'arm64'))
  const secondRow = BigInt(0x2000_1008 + ROW_SIZE)
  assert.deepEqual([status, ...words(Buffer.from(report, 'latin1'))], [127, 0n, secondRow, 2n, 0n])
})

// A loop, a structure that is stored into, errors passed over, a child, and its end.
function sample(): LaunchProgram {
  const [left, child] = [slot('left'), { pid: slot('child'), status: slot('status') }]
  const iovec = struct(['left ', 5, bytes(Buffer.from('right\n')), 0])
  const program = new LaunchProgram()
    .compare({ name: 'begin', a: 5, b: 0, result: left })
    .label('again')
    .row({ name: 'write', call: 'write', args: [1, '.', 1] })
    .compare({ name: 'count', a: value(left), b: 1, result: left, onPositive: 'again' })
    .compare({ name: 'length', a: 6, b: 0, result: at(iovec, 24) })
    .row({ name: 'write', call: 'writev', args: [1, iovec, 2] })
    .row({ name: 'enter', call: 'chdir', args: ['/nowhere'], pass: ['ENOENT'], onError: 'on' })
    .row({ name: 'not reached', call: 'exit_group', args: [99] })
    .label('on')
    .row({ name: 'block', call: 'rt_sigprocmask', args: [2, bytes(Buffer.alloc(8, 0xff)), 0, 8] })
    .row({ name: 'fork', call: 'clone', args: [17, 0, 0, 0, 0], result: child.pid, onZero: 'child' })
  superviseChild(program, child)
  exitAs(program, child.status)
  return program
    .label('child')
    .row({ name: 'unblock', call: 'rt_sigprocmask', args: [2, bytes(Buffer.alloc(8)), 0, 8] })
    .row({ name: 'execute', call: 'execve', args: ['/bin/sh', vector(['sh', '-c', 'kill -TERM $$']), vector([])] })
}

function firstRow(image: Buffer): bigint[] {
  return words(image.subarray(0x1008, 0x1008 + ROW_SIZE))
}

function words(bytes: Buffer): bigint[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readBigInt64LE(8 * index))
}

function emulate(image: Buffer): { stdout: string; status: number | null; report: string } {
  return withFile(image, (path) => {
    const { stdout, output, status } = spawnSync('qemu-aarch64-static', [path], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
    return { stdout: stdout.toString(), status, report: output[3]?.toString('latin1') ?? '' }
  })
}

function inspect(image: Buffer) {
  const [header = '', programHeaders = ''] = withFile(image, (path) => [read(['-h', path]), read(['-lW', path])])
  assert.doesNotMatch(header + programHeaders, /warning|error/i)
  const lines = programHeaders.matchAll(/^ +(LOAD|GNU_STACK) +(0x\w+) (0x\w+) 0x\w+ (0x\w+) (0x\w+) ([RWE ]{3})/gm)
  const segments = Array.from(lines, ([, type, offset, address, fileSize, memorySize, flags]) => ({
    type,
    flags: flags?.trim(),
    offset: Number(offset),
    address: Number(address),
    fileSize: Number(fileSize),
    memorySize: Number(memorySize),
  }))
  return { header, segments }
}

function read(args: string[]): string {
  return execFileSync('readelf', args, { encoding: 'utf8' })
}

function withFile<T>(image: Buffer, use: (path: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-elf-'))
  try {
    const path = join(directory, 'program')
    writeFileSync(path, image, { mode: 0o755 })
    return use(path)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('what only later rows need can be given back, and the rows before go on', async () => {
  const program = new LaunchProgram()
    .report('begin')
    .giveBack('later')
    .report('end', [slot('number')])
  program.row({ name: 'end', call: 'exit_group', args: [0] }).label('later')
  for (let count = 0; count < 200; count++) program.row({ name: `row ${count}`, call: 'chdir', args: [`/${count}${'x'.repeat(200)}`] })
  const { reports, failure } = await run(program)
  assert.equal(failure, undefined)
  assert.deepEqual(reports, [['begin'], ['end', 0]])
  const given = program.rows.find((row) => row.name.startsWith('give back the rows'))
  assert.deepEqual(given?.kind === 'call' && given.args?.map(showOperand), ['<pages from "later" on>', '<their size>'])
})
