import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openStore, type Store } from '@gocker/store'
import { temporaryDirectory } from '@gocker/testkit'
import { directoryTree } from '../context/directory-tree.ts'
import type { TreeEntry } from '../context/tree.ts'
import { rememberedDigests } from './remembered-digests.ts'

interface Sample {
  readonly store: Store
  readonly directory: string
  /** The files that had to be read. */
  ask(): Promise<string[]>
}

/** A context of two files; nothing in it is young, unless a name is in `young`. */
async function sample(t: TestContext, young: readonly string[] = []): Promise<Sample> {
  const [root, directory] = [temporaryDirectory(t), temporaryDirectory(t)]
  const store = await openStore({ root: join(root, 'store'), run: join(root, 'run') })
  for (const name of ['a', 'b']) writeFileSync(join(directory, name), name)
  const aged = (entry: TreeEntry): TreeEntry =>
    young.includes(entry.path) ? entry : { ...entry, version: { ...entry.version, changed: entry.version.changed - 10_000 } }
  const ask = async () => {
    const digests = rememberedDigests(store, directory)
    const read: string[] = []
    const tree = directoryTree(directory)
    for (const name of tree.names('')) {
      const entry = aged(tree.entry(name) as TreeEntry)
      const digest = digests.of(entry, () => {
        read.push(name)
        return readFileSync(join(directory, name), 'utf8')
      })
      assert.equal(digest, readFileSync(join(directory, name), 'utf8'))
    }
    await digests.save()
    return read
  }
  return { store, directory, ask }
}

test('what is as it was is not read again', async (t) => {
  const { ask, directory, store } = await sample(t)
  assert.deepEqual([await ask(), await ask()], [['a', 'b'], []])
  writeFileSync(join(directory, 'c'), 'c')
  assert.deepEqual([await ask(), await ask()], [['c'], []])
  assert.equal(readdirSync(store.paths.fileDigestCaches).length, 1)
})

test('any change is seen, also when size and time are set to what they were', async (t) => {
  const { ask, directory } = await sample(t)
  utimesSync(join(directory, 'a'), 1000, 1000)
  await ask()
  writeFileSync(join(directory, 'a'), 'x')
  utimesSync(join(directory, 'a'), 1000, 1000)
  assert.deepEqual(await ask(), ['a'])
  chmodSync(join(directory, 'b'), 0o600)
  assert.deepEqual(await ask(), ['b'])
})

test('a young file is read again: it could change, and look the same', async (t) => {
  const { ask } = await sample(t, ['a'])
  assert.deepEqual([await ask(), await ask()], [['a', 'b'], ['a']])
})

test('a damaged memory is as none', async (t) => {
  const { ask, store } = await sample(t)
  await ask()
  const [name = ''] = readdirSync(store.paths.fileDigestCaches)
  writeFileSync(join(store.paths.fileDigestCaches, name), '{"a":')
  assert.deepEqual([await ask(), await ask()], [['a', 'b'], []])
})
