import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { pipe } from '@gocker/kernel'
import { copied } from './copied.ts'

test('what a stream says is copied, and the destination stays open', async () => {
  const to = new PassThrough()
  await copied(Readable.from(['one ', 'two']), () => to)
  to.end(' three')
  assert.equal(await text(to), 'one two three')
})

test('a stream that says nothing needs no destination', async () => {
  await copied(undefined, assert.fail)
  await copied(Readable.from([]), assert.fail)
})

test('one that has ended before anybody listens is no reason to wait', async () => {
  const { read, write } = pipe()
  closeSync(write)
  const silent = new Socket({ fd: read, readable: true, writable: false })
  await once(silent, 'close')
  await copied(silent, assert.fail)
})
