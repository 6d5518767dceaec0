import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainProgram } from './explain.ts'
import { at, bytes, perArchitecture, shown, slot, struct, value, vector } from './operand.ts'
import { LaunchProgram } from './program.ts'

test('an explanation groups, numbers and aligns rows, and says where they go', () => {
  const status = slot('exit status')
  const program = new LaunchProgram()
    .row({
      name: 'fork',
      call: 'clone',
      args: [shown(0x20000000, 'CLONE_NEWPID'), 0, 0, 0, 0],
      result: slot('child'),
      onZero: 'the child',
      isolates: 'Processes',
    })
    .row({
      name: 'wait',
      call: 'wait4',
      args: [value(slot('child')), status, 0, 0],
      isolates: 'Processes',
      pass: ['EINTR'],
      onError: 'end',
    })
    .compare({ name: 'count', a: value(status), b: 1, result: status, onPositive: 'end', onNegative: 'the child' })
    .compare({ name: 'has it ended?', a: value(status), b: 9, onZero: 'end' })
    .jump('end')
    .label('the child')
    .row({ name: 'mount proc on /proc', call: 'mount', args: ['proc', '/proc'], pass: 'any', isolates: 'Mounts', page: 'proc(5)' })
    .label('end')
  assert.equal(
    explainProgram(program),
    `Processes

  1  fork                                                                    clone(2)
       child = clone(CLONE_NEWPID, 0, 0, 0, 0)
       zero: go to "the child"
  2  wait                                                                    wait4(2)
       wait4(child, &exit_status, 0, 0)
       on EINTR: go to "end"
  3  count
       exit_status = exit_status - 1
       below zero: go to "the child"
       above zero: go to "end"
  4  has it ended?
       compare exit_status with 9
       equal: go to "end"
  5  go to "end"

Mounts

the child:
  6  mount proc on /proc                                                     proc(5)
       mount("proc", "/proc")
       on any error: go on
end:
  the program ends
`,
  )
})

test('operands are shown as a reader of C expects them', () => {
  const text = explainProgram(
    new LaunchProgram()
      .row({
        name: 'one',
        call: 'mmap',
        args: [-1, 65535, 0x10000, value(at(slot('status'), 1)), at(slot('status'), 0), perArchitecture({ x64: 1, arm64: 2 })],
      })
      .row({ name: 'two', call: 'writev', args: [1, struct(['a "b"', 5, bytes(Buffer.alloc(9))])], result: at(slot('time', 16), 8) })
      .row({ name: 'three', call: 'execve', args: ['x'.repeat(500), vector(['a', 'b'])] }),
  )
  assert.match(text, /mmap\(-1, 65535, 0x10000, \*\(&status \+ 1\), &status, \(x64: 1, arm64: 2\)\)/)
  assert.match(text, /\*\(&time \+ 8\) = writev\(1, \{"a \\"b\\"", 5, <9 bytes>\}\)/)
  assert.match(text, /execve\(\n {9}"x{160}"\.\.\. \(500 bytes\),\n {9}\["a", "b"\]\)\n$/)
})
