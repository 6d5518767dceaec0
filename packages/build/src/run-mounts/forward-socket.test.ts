import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { forwardSocket } from './forward-socket.ts'

/** A server that says what it is told, and its path, which is longer than a socket's name can be. */
async function setUp(t: TestContext): Promise<{ target: string; directory: string }> {
  const directory = join(temporaryDirectory(t), 'long'.repeat(40))
  mkdirSync(directory)
  const target = join(temporaryDirectory(t), 'agent')
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => void server.listen(target, resolve))
  t.after(() => server.close())
  return { target, directory }
}

async function ask(path: string, words: string): Promise<string> {
  const socket = connect(path)
  socket.end(words)
  return await text(socket)
}

test('what is asked at one is answered by the other', async (t) => {
  const { target, directory } = await setUp(t)
  const { path, close } = await forwardSocket(target, { directory, mode: 0o640, uid: 5, gid: 6 })
  const { mode, uid, gid } = statSync(path)
  assert.deepEqual([mode & 0o7777, uid, gid], [0o640, 5, 6])
  process.chdir(directory)
  t.after(() => process.chdir('/'))
  assert.deepEqual(await Promise.all([ask('socket', 'one'), ask('socket', 'x'.repeat(1 << 20)).then(({ length }) => length)]), [
    'one',
    1 << 20,
  ])
  await close()
  assert.equal(existsSync(path), false)
})

test('an agent that is gone ends the connection, and closing ends those that are open', async (t) => {
  const { directory } = await setUp(t)
  const { path, close } = await forwardSocket('/nowhere/agent', { directory, mode: 0o600, uid: 0, gid: 0 })
  process.chdir(directory)
  t.after(() => process.chdir('/'))
  assert.ok(existsSync(path))
  assert.equal(await text(connect('socket')).catch(() => ''), '')
  await close()
})
