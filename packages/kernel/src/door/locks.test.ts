import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { flock } from './locks.ts'

test('one exclusive or many shared', (t) => {
  const path = join(temporaryDirectory(t), 'lock')
  const [a, b] = [openSync(path, 'w'), openSync(path, 'w')]
  const now = { wait: false }
  try {
    assert.equal(flock(a, 'exclusive', { wait: true }), true)
    assert.equal(flock(b, 'shared', now), false)
    assert.equal(flock(a, 'shared', now), true)
    assert.equal(flock(b, 'shared', now), true)
    assert.equal(flock(b, 'exclusive', now), false)
    assert.equal(flock(a, 'unlock', now), true)
    assert.equal(flock(b, 'exclusive', now), true)
  } finally {
    closeSync(a)
    closeSync(b)
  }
})

test('a closed descriptor is refused', () => {
  assert.throws(() => flock(-1, 'shared', { wait: false }), { code: 'EBADF' })
})
