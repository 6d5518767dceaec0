import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, bytes, slot, struct, value, vector } from './operand.ts'
import { LaunchProgram } from './program.ts'
import { run } from './run-for-test.ts'

test('a program without rows exits with 0', async () => {
  const { code, signal, failure, messages } = await run(new LaunchProgram())
  assert.deepEqual({ code, signal, failure, messages }, { code: 0, signal: null, failure: undefined, messages: [] })
})

test('a row makes its system call with six arguments', async () => {
  const page = slot('page')
  const PROT_READ_WRITE = 3
  const MAP_PRIVATE_ANONYMOUS_FIXED = 0x32
  const address = 0x5000_0000
  const program = new LaunchProgram()
    .row({ name: 'map', call: 'mmap', args: [address, 4096, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_FIXED, -1, 0], result: page })
    .report('mapped', [page])
    .row({ name: 'map outside of a page', call: 'mmap', args: [address, 4096, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_FIXED, -1, 1] })
  const { reports, failure } = await run(program)
  assert.deepEqual(reports, [['mapped', address]])
  assert.equal(failure?.errno, 'EINVAL')
})

test('each of the six arguments may be what a slot holds', async () => {
  const [PROT_READ, MAP_PRIVATE_ANONYMOUS_FIXED] = [1, 0x32]
  const direct = [0x5000_0000, 4096, PROT_READ, MAP_PRIVATE_ANONYMOUS_FIXED, -1, 0]
  for (const indirect of [0, 1, 2, 3, 4, 5]) {
    const program = new LaunchProgram()
      .compare({ name: 'store', a: direct[indirect] ?? 0, b: 0, result: slot('stored') })
      .row({
        name: 'map',
        call: 'mmap',
        args: direct.map((argument, index) => (index === indirect ? value(slot('stored')) : argument)),
        result: slot('page'),
      })
      .report('mapped', [slot('page')])
    assert.deepEqual((await run(program)).reports, [['mapped', 0x5000_0000]], `argument ${indirect}`)
  }
})

test('structures hold addresses, and rows store into them', async () => {
  const iovec = struct(['left ', 5, bytes(Buffer.from('right\n')), 0])
  const program = new LaunchProgram()
    .compare({ name: 'length', a: 6, b: 0, result: at(iovec, 24) })
    .row({ name: 'write', call: 'writev', args: [1, iovec, 2] })
  assert.equal((await run(program)).stdout, 'left right\n')
})

test('slots are zeroed, and the same name is the same memory', async () => {
  const program = new LaunchProgram()
    .report('before', [slot('pid')])
    .compare({ name: 'store', a: 5, b: 0, result: slot('pid') })
    .report('after', [slot('pid')])
  assert.deepEqual((await run(program)).reports, [
    ['before', 0],
    ['after', 5],
  ])
})

test('a failing row is reported by its name, and nothing is walked behind it', async () => {
  const program = new LaunchProgram()
    .row({ name: 'first', call: 'getpid' })
    .row({ name: 'enter /nowhere', call: 'chdir', args: ['/nowhere'] })
    .report('reached')
  const { code, failure, messages } = await run(program)
  assert.equal(code, 127)
  assert.deepEqual(failure, {
    row: 1,
    name: 'enter /nowhere',
    call: 'chdir',
    errno: 'ENOENT',
    text: 'enter /nowhere: ENOENT (no such file or directory)',
  })
  assert.equal(messages.length, 1)
})

test('errors are passed over by name, by any, and not otherwise', async () => {
  const enter = (pass: 'any' | readonly string[]) =>
    run(
      new LaunchProgram()
        .row({ name: 'enter', call: 'chdir', args: ['/nowhere'], pass, result: slot('result') })
        .report('on', [slot('result')]),
    )
  assert.deepEqual((await enter(['EACCES', 'ENOENT'])).reports, [['on', -2]])
  assert.deepEqual((await enter('any')).reports, [['on', -2]])
  const { reports, failure } = await enter(['EACCES'])
  assert.deepEqual([reports, failure?.errno], [[], 'ENOENT'])
})

test('an errno above 63 is passed over by any, and not by the one that it is modulo 64', async () => {
  const [AF_INET, SOCK_STREAM] = [2, 1]
  // ENOTCONN is 107, EIDRM is 43.
  const receive = (pass: 'any' | readonly string[]) =>
    run(
      new LaunchProgram()
        .row({ name: 'make a socket', call: 'socket', args: [AF_INET, SOCK_STREAM, 0], result: slot('socket') })
        .row({ name: 'receive', call: 'recvfrom', args: [value(slot('socket')), slot('buffer'), 1, 0, 0, 0], pass })
        .report('on'),
    )
  assert.deepEqual((await receive('any')).reports, [['on']])
  const { reports, failure } = await receive(['EIDRM'])
  assert.deepEqual([reports, failure?.errno], [[], 'ENOTCONN'])
})

test('branches lead to labels, before and behind', async () => {
  const program = new LaunchProgram()
    .row({ name: 'an error', call: 'chdir', args: ['/nowhere'], pass: ['ENOENT'], onError: 'after error' })
    .report('error fell through')
    .label('after error')
    .row({ name: 'zero', call: 'chdir', args: ['/'], onZero: 'after zero' })
    .report('zero fell through')
    .label('after zero')
    .row({ name: 'positive', call: 'getpid', onPositive: 'after positive' })
    .report('positive fell through')
    .label('after positive')
    .jump('end')
    .report('jump fell through')
    .label('end')
  assert.deepEqual((await run(program)).messages, [])
})

test('without a label of its own, every result goes on with the next row', async () => {
  const program = new LaunchProgram()
    .row({ name: 'error', call: 'chdir', args: ['/nowhere'], pass: 'any', onZero: 'out', onPositive: 'out' })
    .row({ name: 'zero', call: 'chdir', args: ['/'], pass: 'any', onError: 'out', onPositive: 'out' })
    .row({ name: 'positive', call: 'getpid', pass: 'any', onError: 'out', onZero: 'out' })
    .report('reached')
    .label('out')
  assert.deepEqual((await run(program)).reports, [['reached']])
})

test('comparisons tell less, equal and greater, in 64 bits with a sign', async () => {
  const compare = async (a: number | bigint, b: number | bigint) => {
    const program = new LaunchProgram()
      .compare({ name: 'compare', a, b, result: slot('difference'), onNegative: 'less', onZero: 'equal', onPositive: 'greater' })
      .report('neither')
      .jump('end')
    for (const label of ['less', 'equal', 'greater'])
      program
        .label(label)
        .report(label, [slot('difference')])
        .jump('end')
    return (await run(program.label('end'))).reports
  }
  assert.deepEqual(await compare(3, 5), [['less', -2]])
  assert.deepEqual(await compare(5, 5), [['equal', 0]])
  assert.deepEqual(await compare(5, -3), [['greater', 8]])
  assert.deepEqual(await compare(2n ** 40n, 1), [['greater', 2 ** 40 - 1]])
})

test('a loop counts down', async () => {
  const left = slot('left')
  const program = new LaunchProgram()
    .compare({ name: 'begin', a: 1000, b: 0, result: left })
    .label('again')
    .row({ name: 'write', call: 'write', args: [1, '.', 1] })
    .compare({ name: 'count', a: value(left), b: 1, result: left, onPositive: 'again' })
  assert.equal((await run(program)).stdout, '.'.repeat(1000))
})

test('hundreds of rows and megabytes of data are walked as a few are', async () => {
  const program = new LaunchProgram()
  const text = 'x'.repeat(100_000)
  for (let index = 0; index < 800; index++) program.row({ name: `row ${index}`, call: 'write', args: [1, `${index} `, `${index} `.length] })
  program.row({ name: 'a long text', call: 'write', args: [1, text, text.length] })
  program.row({ name: 'bytes', call: 'write', args: [1, bytes(Buffer.alloc(3_000_000, 'y')), 3_000_000] })
  program.row({ name: 'a large slot', call: 'write', args: [1, slot('large', 1_000_000), 1_000_000] })
  const { stdout } = await run(program)
  const numbers = Array.from({ length: 800 }, (_, index) => `${index} `).join('')
  assert.ok(stdout === `${numbers}${text}${'y'.repeat(3_000_000)}${'\0'.repeat(1_000_000)}`)
})

test('a text is the bytes of its UTF-8', async () => {
  const program = new LaunchProgram().row({ name: 'write', call: 'write', args: [1, 'Grüße', Buffer.byteLength('Grüße')] })
  assert.equal((await run(program)).stdout, 'Grüße')
})

test('execve gets its arguments and environment, and the program its output', async () => {
  const script = 'echo "$0|$1|$VARIABLE|$#"; env | sort; exit 7'
  const args = vector(['/bin/sh', '-c', script, 'zero', 'one two', '', 'x'.repeat(120_000)])
  const program = new LaunchProgram().row({ name: 'execute', call: 'execve', args: ['/bin/sh', args, vector(['VARIABLE=value'])] })
  const { stdout, code } = await run(program)
  assert.equal(code, 7)
  assert.match(stdout, /^zero\|one two\|value\|3\n/)
  assert.ok(!stdout.includes('PATH=/'))
})
