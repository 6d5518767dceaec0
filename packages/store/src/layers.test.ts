import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '@gocker/oci'
import { temporaryStore } from './testing/temporary-store.ts'

const diffID = digestOf('layer')

test('a draft becomes a layer, whole', async (t) => {
  const { layers, paths } = await temporaryStore(t)
  assert.equal(await layers.has(diffID), false)
  const draft = await layers.draft()
  assert.equal(statSync(draft.dir).mode & 0o777, 0o755)
  writeFileSync(join(draft.dir, 'file'), 'text')
  assert.equal(await draft.commit(diffID, { size: 1234 }), layers.path(diffID))
  await draft.abort()
  assert.equal(await layers.has(diffID), true)
  assert.equal(readFileSync(join(layers.path(diffID), 'file'), 'utf8'), 'text')
  assert.deepEqual(await layers.list(), [diffID])
  assert.equal(await layers.size(diffID), 1234)
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('an aborted draft leaves nothing', async (t) => {
  const { layers, paths } = await temporaryStore(t)
  const draft = await layers.draft()
  mkdirSync(join(draft.dir, 'a', 'b'), { recursive: true })
  await draft.abort()
  assert.deepEqual(readdirSync(paths.temporary), [])
  assert.deepEqual(await layers.list(), [])
})

test('of two drafts of a layer the first stays, an empty one too', async (t) => {
  const { layers, paths } = await temporaryStore(t)
  const drafts = await Promise.all([layers.draft(), layers.draft(), layers.draft()])
  for (const [number, { dir }] of drafts.entries()) writeFileSync(join(dir, 'file'), `${number}`)
  const dirs = await Promise.all(drafts.map((draft) => draft.commit(diffID)))
  assert.deepEqual(new Set(dirs), new Set([layers.path(diffID)]))
  assert.deepEqual(readdirSync(layers.path(diffID)), ['file'])
  for (const _ of [1, 2]) await (await layers.draft()).commit(digestOf('empty'))
  assert.deepEqual(readdirSync(layers.path(digestOf('empty'))), [])
  assert.deepEqual(readdirSync(paths.temporary), [])
})

test('a layer is measured when nobody has said its size, and goes with what was remembered', async (t) => {
  const { layers, paths } = await temporaryStore(t)
  const draft = await layers.draft()
  writeFileSync(join(draft.dir, 'file'), Buffer.alloc(100_000))
  await draft.commit(diffID)
  const size = await layers.size(diffID)
  assert.ok(size >= 100_000)
  assert.deepEqual(JSON.parse(readFileSync(paths.layerFacts(diffID), 'utf8')), { size })
  assert.equal(await layers.remove(diffID), size)
  assert.equal(existsSync(paths.layerFacts(diffID)), false)
  assert.equal(await layers.remove(diffID), 0)
  await assert.rejects(layers.size(diffID), { code: 'NOT_FOUND' })
})

test('who holds the lock of a layer works alone', async (t) => {
  const { layers, paths } = await temporaryStore(t)
  const bring = async () => {
    if (await layers.has(diffID)) return 'found'
    await (await layers.draft()).commit(diffID)
    return 'brought'
  }
  const results = await Promise.all([1, 2, 3].map(() => layers.withLayerLock(diffID, bring)))
  assert.deepEqual(results.sort(), ['brought', 'found', 'found'])
  assert.deepEqual(
    readdirSync(paths.locks).filter((name) => name.startsWith('layer-')),
    [],
  )
})

test('layers stack from the top, each once', async (t) => {
  const { layers } = await temporaryStore(t)
  const [a, b] = [digestOf('a'), digestOf('b')]
  assert.deepEqual(layers.stack([a, b, a]), [layers.path(a), layers.path(b)])
})
