import assert from 'node:assert/strict'
import { closeSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { connectUnix, listenUnix } from './unix-sockets.ts'

const NAMES = ['short', 'a long one'] as const

for (const name of NAMES)
  test(`who listens at ${name} path is connected to`, (t) => {
    const directory = join(temporaryDirectory(t), name === 'short' ? 's' : 'd'.repeat(150))
    mkdirSync(directory)
    const path = join(directory, 'socket')
    const listening = listenUnix(path)
    const connected = connectUnix(path)
    closeSync(connected)
    closeSync(listening)
    assert.throws(() => connectUnix(path), { code: 'ECONNREFUSED' })
    assert.throws(() => listenUnix(path), { code: 'EADDRINUSE' })
  })

test('a socket that is not there is told by its path', (t) => {
  const path = join(temporaryDirectory(t), 'none')
  assert.throws(() => connectUnix(path), { code: 'ENOENT', message: `connect ${path}: ENOENT (no such file or directory)` })
  assert.throws(() => connectUnix('a\0b'), { code: 'EINVAL' })
  assert.throws(() => listenUnix(`/${'x'.repeat(200)}/socket`), { code: 'ENOENT' })
})
