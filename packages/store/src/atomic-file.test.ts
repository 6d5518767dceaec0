import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { isTemporarySibling, writeFileAtomic } from './atomic-file.ts'
import { atWork, killed, startTask } from './testing/child.ts'
import { temporaryStore } from './testing/temporary-store.ts'

test('a file is made, with its directory, and replaced; nothing else stays', async (t) => {
  const directory = join(temporaryDirectory(t), 'new')
  const file = join(directory, 'a.json')
  await writeFileAtomic(file, 'one')
  await writeFileAtomic(file, Buffer.from('two'))
  assert.equal(readFileSync(file, 'utf8'), 'two')
  assert.deepEqual(readdirSync(directory), ['a.json'])
})

test('a write that fails says what it was about, and leaves nothing', async (t) => {
  const directory = temporaryDirectory(t)
  mkdirSync(join(directory, 'a'))
  await assert.rejects(writeFileAtomic(join(directory, 'a'), 'text'), { name: 'StoreError', code: 'IO', message: /^writing .*\/a: EISDIR/ })
  assert.deepEqual(readdirSync(directory), ['a'])
})

test('whoever writes is killed: the file has all of the old text or all of the new', async (t) => {
  const store = await temporaryStore(t)
  const file = join(store.paths.root, 'state.json')
  for (let kill = 0; kill < 5; kill++) {
    const writer = startTask(store, 'replaceFile', file)
    await atWork(writer)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
    await killed(writer)
    const { size, text } = JSON.parse(readFileSync(file, 'utf8')) as { size: number; text: string }
    assert.equal(text.length, size)
  }
  await store.prune()
  assert.deepEqual(readdirSync(store.paths.root).filter(isTemporarySibling), [])
})
