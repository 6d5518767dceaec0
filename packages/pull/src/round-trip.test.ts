import assert from 'node:assert/strict'
import { chmodSync, createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTemporaryDirectory, removeTree, temporaryDirectory } from '@gocker/testkit'
import fc from 'fast-check'
import { importImage } from './import-image.ts'
import { packLayer } from './pack/pack-layer.ts'
import { parseCompression } from './push/compression.ts'
import { pushImage } from './push/push-image.ts'
import { anyTree, makeTree } from './testing/any-tree.ts'
import { HASTY } from './testing/image.ts'
import { bring, emptyStore, registry } from './testing/pull-fixture.ts'
import { describeTree } from './testing/tree-description.ts'

/** Another seed looks elsewhere: GOCKER_TEST_SEED. A failure tells the smallest tree that fails. */
const SEED = Number(process.env.GOCKER_TEST_SEED ?? 5)
/** Milliseconds after which no further tree is begun. */
const LONGEST = 8000

test(`any tree goes pack, push, pull, unpack unchanged (seed ${SEED})`, async (t) => {
  const [ours, theirs] = [await emptyStore(t), await emptyStore(t)]
  const place = temporaryDirectory(t)
  const end = Date.now() + LONGEST
  let runs = 0
  const property = fc.asyncProperty(anyTree, fc.constantFrom('gzip:1', 'gzip:6', 'zstd', 'zstd:9'), async (files, compression) => {
    if (runs > 0 && Date.now() > end) return
    const tree = makeTemporaryDirectory()
    try {
      chmodSync(tree, 0o755)
      makeTree(tree, files)
      const archive = join(place, 'layer.tar')
      writeFileSync(archive, '')
      const { diffID } = await packLayer({ directory: tree, whiteouts: 'none' }, (chunk) => writeFileSync(archive, chunk, { flag: 'a' }))
      const reference = `${registry.host}/any/tree:${++runs}`
      await importImage({ source: createReadStream(archive), store: ours, reference, layerFormat: 'directory' })
      const environment = { HOME: place }
      await pushImage({ store: ours, reference, compression: parseCompression(compression), environment, retry: HASTY })
      await bring(reference, theirs, { layerFormat: 'directory' })
      assert.deepEqual(describeTree(theirs.layers.path(diffID)), describeTree(tree))
    } finally {
      removeTree(tree)
    }
  })
  await fc.assert(property, { seed: SEED, numRuns: 40 })
  t.diagnostic(`${runs} trees`)
})
