import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from './table.ts'

const ROWS = [
  ['a1', 'a command that is rather long, and goes on', 'web'],
  ['b2', '', ''],
]

test('columns are as wide as their widest cell', () => {
  assert.equal(
    table(['ID', 'COMMAND', 'NAME'], ROWS),
    ['ID   COMMAND                                      NAME', 'a1   a command that is rather long, and goes on   web', 'b2'].join('\n'),
  )
})

test('on a terminal the widest cells are cut until all fit', () => {
  const lines = table(['ID', 'COMMAND', 'NAME'], ROWS, { width: 40 }).split('\n')
  assert.deepEqual(lines, ['ID   COMMAND                        NAME', 'a1   a command that is rather lo…   web', 'b2'])
  assert.ok(lines.every((line) => line.length <= 40))
})

test('the first column stays whole', () => {
  const rows = [['0123456789abcdef', 'a command that is long']]
  assert.equal(table(['ID', 'COMMAND'], rows, { width: 30 }).split('\n')[1], '0123456789abcdef   a command …')
})

test('no cell is cut to nothing', () => {
  assert.equal(table(['ID', 'COMMAND', 'NAME'], ROWS, { width: 5 }).split('\n')[1], 'a1   a comm…   web')
})

test('colours do not count as width', () => {
  const text = table(
    ['ID', 'NAME'],
    [
      ['a', 'web'],
      ['bbb', 'x'],
    ],
    { paint: (cell, column) => (column === 0 ? `<${cell}>` : cell) },
  )
  assert.equal(text, 'ID    NAME\n<a>     web\n<bbb>   x')
})
