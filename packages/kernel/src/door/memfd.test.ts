import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, copyFileSync, ftruncateSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { memfd, seal } from './memfd.ts'

test('a sealed memory file can be run and not be changed', () => {
  const fd = memfd('program')
  try {
    const path = `/proc/${process.pid}/fd/${fd}`
    copyFileSync('/bin/echo', path)
    seal(fd)
    assert.equal(execFileSync(path, ['ran'], { encoding: 'utf8' }), 'ran\n')
    assert.throws(() => writeSync(fd, 'x', 0), { code: 'EPERM' })
    assert.throws(() => ftruncateSync(fd, 0), { code: 'EPERM' })
    assert.throws(() => seal(fd), { name: 'KernelError', code: 'EPERM' })
  } finally {
    closeSync(fd)
  }
})
