import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { temporaryDirectory } from '@gocker/testkit'
import { tryLock, withLock } from './lock.ts'
import { atWork, killed, startTask } from './testing/child.ts'
import { temporaryStore } from './testing/temporary-store.ts'

test('an exclusive lock is held by one at a time, and each comes to its turn', async (t) => {
  const file = join(temporaryDirectory(t), 'locks', 'a.lock')
  let inside = 0
  let turns = 0
  const take = () =>
    withLock(file, 'exclusive', async () => {
      assert.equal(++inside, 1)
      await setTimeout(2)
      inside--
      turns++
    })
  await Promise.all(Array.from({ length: 10 }, take))
  assert.equal(turns, 10)
})

test('shared locks are held together, and keep an exclusive one out', async (t) => {
  const file = join(temporaryDirectory(t), 'a.lock')
  const inside = await withLock(file, 'shared', () => withLock(file, 'shared', () => tryLock(file, 0, async () => 'mine')))
  assert.equal(inside, undefined)
  assert.deepEqual(await tryLock(file, 0, async () => 'mine'), { result: 'mine' })
})

test('the lock is given back when the work fails', async (t) => {
  const file = join(temporaryDirectory(t), 'a.lock')
  await assert.rejects(
    withLock(file, 'exclusive', async () => {
      throw new Error('no')
    }),
    /no/,
  )
  assert.equal(await withLock(file, 'exclusive', async () => 'yes'), 'yes')
})

test('a waiting process can be called off, and leaves with the reason', async (t) => {
  const file = join(temporaryDirectory(t), 'a.lock')
  const reason = new Error('enough')
  await withLock(file, 'exclusive', async () => {
    const stop = new AbortController()
    const waiting = withLock(file, 'exclusive', async () => 'never', { signal: stop.signal })
    stop.abort(reason)
    await assert.rejects(waiting, (error) => error === reason)
  })
})

test('a lock ends with its process, even when that is killed', async (t) => {
  const store = await temporaryStore(t)
  const holder = startTask(store, 'holdLock', 'a')
  await atWork(holder)
  assert.equal(await tryLock(store.paths.lock('a'), 0, async () => 'mine'), undefined)
  await killed(holder)
  assert.deepEqual(await tryLock(store.paths.lock('a'), 5000, async () => 'mine'), { result: 'mine' })
})

test('a transient lock leaves no file, and still lets in one at a time', async (t) => {
  const file = join(temporaryDirectory(t), 'a.lock')
  let inside = 0
  const take = () =>
    withLock(
      file,
      'exclusive',
      async () => {
        assert.equal(++inside, 1)
        await setTimeout(1)
        inside--
      },
      { transient: true },
    )
  await Promise.all(Array.from({ length: 20 }, take))
  assert.equal(existsSync(file), false)
})
