import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { getWindowSize, setWindowSize } from './terminal.ts'

test("a terminal's size is set and read", () => {
  const fd = openSync('/dev/ptmx', 'r+')
  setWindowSize(fd, { columns: 132, rows: 43 })
  assert.deepEqual(getWindowSize(fd), { columns: 132, rows: 43 })
  closeSync(fd)
})

test('what is no terminal says so', () => {
  const fd = openSync('/dev/null', 'r+')
  assert.throws(() => getWindowSize(fd), { code: 'ENOTTY' })
  assert.throws(() => setWindowSize(fd, { columns: 1, rows: 1 }), { code: 'ENOTTY' })
  closeSync(fd)
})
