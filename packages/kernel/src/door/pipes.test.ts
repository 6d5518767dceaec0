import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, readdirSync, readSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { pipe, socketPair } from './pipes.ts'

const text = Buffer.alloc(16)

test('what goes into a pipe comes out of it', () => {
  const { read, write } = pipe()
  writeSync(write, 'hello')
  closeSync(write)
  assert.equal(text.toString('utf8', 0, readSync(read, text)), 'hello')
  assert.equal(readSync(read, text), 0)
  closeSync(read)
})

test('messages keep their borders on a seqpacket, not on a stream', () => {
  for (const [type, first] of [
    ['seqpacket', 'one'],
    ['stream', 'onetwo'],
  ] as const) {
    const [a, b] = socketPair(type)
    writeSync(a, 'one')
    writeSync(a, 'two')
    assert.equal(text.toString('utf8', 0, readSync(b, text)), first)
    closeSync(a)
    closeSync(b)
  }
})

test('no child gets the ends by chance', () => {
  const { read, write } = pipe()
  const inChild = execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).split('\n')
  assert.ok(readdirSync('/proc/self/fd').includes(`${read}`))
  assert.ok(!inChild.includes(`${read}`) && !inChild.includes(`${write}`))
  closeSync(read)
  closeSync(write)
})
