import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, bytes, slot, struct } from './operand.ts'
import { LaunchProgram } from './program.ts'

function refused(build: () => unknown, message: RegExp): void {
  assert.throws(build, { name: 'KernelError', code: 'EINVAL', message })
}

test('what no row can be is refused while it is planned', () => {
  const program = () => new LaunchProgram()
  refused(() => program().row({ name: 'seven', call: 'mmap', args: [1, 2, 3, 4, 5, 6, 7] }), /planning seven: .* at most 6/)
  refused(() => program().row({ name: 'socket', call: 'socket', pass: ['EOPNOTSUPP'] }), /EOPNOTSUPP is no error .* below 64/)
  refused(() => program().row({ name: 'typo', call: 'chdir', pass: ['ENOTENT'] }), /ENOTENT/)
  refused(() => program().row({ name: 'branch', call: 'chdir', onError: 'x' }), /pass over/)
  refused(() => program().label('x').label('x'), /label x: it is there already/)
  refused(() => program().report('x', [slot('a'), slot('b'), slot('c'), slot('d')]), /room for 3/)
  refused(
    () =>
      program()
        .report('x', [slot('a')])
        .report('x'),
    /another number of values/,
  )
})

test('memory can be pointed into, not behind', () => {
  assert.equal(at(slot('time', 16), 15).offset, 15)
  refused(() => at(slot('time', 16), 16), /byte 16 of a slot: it has 16/)
  refused(() => at(struct([1, 2]), -1), /struct/)
  refused(() => at(bytes(Buffer.alloc(3)), 3), /bytes/)
})

test('descriptors are numbered as they are asked for, from 4', () => {
  const program = new LaunchProgram()
  assert.deepEqual([program.descriptor('log'), program.descriptor('exit'), program.descriptor('log')], [4, 5, 4])
})

test('a fresh label is free, and stays so when it is only gone to', () => {
  const program = new LaunchProgram().label('wait').jump('wait 2')
  assert.equal(program.freshLabel('wait'), 'wait 3')
  assert.equal(program.freshLabel('other'), 'other')
})
