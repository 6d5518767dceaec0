import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { digestOf } from '@gocker/oci'
import { openStore, recordEvent, type Store, withLock, writeFileAtomic } from '../index.ts'
import { makeImage } from './image.ts'

/** What the tests let other processes do. Each says "at work" once it is, and most go on until they are killed. */
const tasks: Record<string, (store: Store, ...args: string[]) => Promise<unknown>> = {
  async holdLock(store, name = '') {
    await withLock(store.paths.lock(name), 'exclusive', forEver)
  },

  async holdDrafts(store) {
    const draft = await store.layers.draft()
    await writeFile(join(draft.dir, 'file'), 'half')
    const writer = await store.blobs.writer({ digest: digestOf('never') })
    writer.write(Buffer.from('half'))
    await store.containers.create({ name: 'held', remove: true })
    await forEver()
  },

  async keepContent(store) {
    await store.keeping(async () => {
      await store.blobs.put(Buffer.from('wanted soon'))
      await forEver()
    })
  },

  async replaceFile(_store, path = '') {
    for (let size = 1; ; size = (size * 7) % 1_000_003) {
      await writeFileAtomic(path, JSON.stringify({ size, text: 'x'.repeat(size) }))
      sayAtWork()
    }
  },

  /** All that a pull, a build and a run write, over and over. */
  async everything(store, seed = '') {
    for (let round = 0; ; round++) {
      await Promise.all([writeBlobs(store), bringImage(store, `${seed} ${round}`), runContainer(store)])
      sayAtWork()
    }
  },

  async tagAndCreate(store, number = '') {
    const image = await makeImage(store, ['shared', `own ${number}`])
    await store.images.tag(`example.org/image:${number}`, image.descriptor)
    await store.images.tag(`example.org/moving`, image.descriptor)
    for (const name of [`container-${number}`, undefined]) await store.containers.create({ name, image: await store.images.get(image.id) })
  },

  async recordEvents(store, name = '') {
    const attributes = { padding: 'x'.repeat(20_000) }
    for (let count = 0; count < 100; count++)
      await recordEvent(store, { type: 'container', action: `${name}${count}`, id: 'abc', attributes })
  },

  async takeOneName(store) {
    try {
      await store.containers.create({ name: 'the-one' })
      process.stdout.write('mine')
    } catch (error) {
      process.stdout.write((error as { code: string }).code)
    }
  },
}

async function writeBlobs(store: Store): Promise<void> {
  const bytes = randomBytes(3_000_000)
  const writer = await store.blobs.writer({ digest: digestOf(bytes), size: bytes.length })
  for (let at = 0; at < bytes.length; at += 100_000) await writer.write(bytes.subarray(at, at + 100_000))
  await writer.commit()
}

async function bringImage(store: Store, text: string): Promise<void> {
  await store.keeping(async () => {
    const image = await makeImage(store, ['shared', text])
    await store.layers.withLayerLock(image.layers[0] as `sha256:${string}`, () => setTimeout(1))
    await store.images.tag('moving', image.descriptor)
  })
}

async function runContainer(store: Store): Promise<void> {
  const { id, dir } = await store.containers.create({ remove: true })
  const state = { ociVersion: '1.2.0', id, bundle: dir }
  await store.containers.writeState(id, { ...state, status: 'creating' })
  await store.containers.writeState(id, { ...state, status: 'stopped' })
  await store.containers.remove(id)
}

async function forEver(): Promise<void> {
  sayAtWork()
  await setTimeout(60_000)
}

function sayAtWork(): void {
  process.stdout.write('at work\n')
}

const [root = '', run = '', name = '', ...args] = process.argv.slice(2)
try {
  await tasks[name]?.(await openStore({ root, run }), ...args)
} catch (error) {
  process.stdout.write(JSON.stringify(error))
  throw error
}
