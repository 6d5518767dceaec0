import assert from 'node:assert/strict'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { temporaryDirectory } from '@gocker/testkit'

const DOOR = new URL('../index.ts', import.meta.url).href

test('a thread can have its own root, and the others keep theirs', async (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'inside'), '')
  const seen = await inThread(
    `door.unshare(door.CLONE_FLAGS.CLONE_FS)
     door.chroot(data)
     return fs.readdirSync('/')`,
    directory,
  )
  assert.deepEqual(seen, ['inside'])
  assert.notDeepEqual(readdirSync('/'), ['inside'])
})

test('a thread has its own mask once it shares no file system view', async () => {
  const before = process.umask()
  const masks = await inThread(
    `door.unshare(door.CLONE_FLAGS.CLONE_FS)
     const first = door.umask(0o077)
     return [first, door.umask(0)]`,
  )
  assert.deepEqual(masks, [before, 0o077])
  assert.equal(process.umask(), before)
})

test('a thread leaves for a namespace and comes back', async () => {
  const [own, left, back] = (await inThread(
    `const self = '/proc/thread-self/ns/uts'
     const home = fs.openSync(self, 'r')
     const own = fs.readlinkSync(self)
     door.unshare(door.CLONE_FLAGS.CLONE_NEWUTS)
     const left = fs.readlinkSync(self)
     door.setns(home, door.CLONE_FLAGS.CLONE_NEWUTS)
     return [own, left, fs.readlinkSync(self)]`,
  )) as string[]
  assert.equal(own, readlinkSync('/proc/self/ns/uts'))
  assert.notEqual(left, own)
  assert.equal(back, own)
})

test('refusals name what was asked', async () => {
  const message = await inThread(`try { door.unshare(1) } catch (error) { return error.message }`)
  assert.equal(message, 'unshare 0x1: EINVAL (invalid argument)')
  const code = await inThread(`try { door.chroot('/proc/version') } catch (error) { return error.code }`)
  assert.equal(code, 'ENOTDIR')
})

function inThread(body: string, data?: string): Promise<unknown> {
  const source = `
    const { parentPort, workerData: data } = require('node:worker_threads')
    const fs = require('node:fs')
    import(${JSON.stringify(DOOR)}).then((door) => parentPort.postMessage((() => { ${body} })()))`
  const worker = new Worker(source, { eval: true, workerData: data })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
