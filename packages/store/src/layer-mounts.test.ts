import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { canShareImages, openImage, processStartTime } from '@gocker/kernel'
import { digestOf } from '@gocker/oci'
import { temporaryDirectory } from '@gocker/testkit'
import type { Store } from './index.ts'
import { announceMounts, holdersOf, mountLayer } from './layer-mounts.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const diffID = digestOf('layer')
const old = { skip: canShareImages() ? false : 'this kernel copies no mount that is nowhere: Linux 6.15 does' }

async function storeWithImage(t: TestContext): Promise<{ store: Store; image: { image: string; directory: string } }> {
  const store = await temporaryStore(t)
  const tree = temporaryDirectory(t)
  writeFileSync(join(tree, 'file'), 'content')
  const draft = await store.layers.draft()
  execFileSync('mkfs.erofs', [draft.image, tree], { stdio: 'pipe' })
  await draft.commit(diffID, { form: 'erofs' })
  return { store, image: { image: store.paths.layerImage(diffID), directory: store.paths.layer(diffID) } }
}

/** Another process that has a mount of the image as its descriptor 3, and tells so. */
async function holderOf(t: TestContext, { store, image }: Awaited<ReturnType<typeof storeWithImage>>) {
  const fd = openImage(image.image)
  const { dev } = fstatSync(fd)
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit', fd] })
  t.after(() => child.kill('SIGKILL'))
  const pid = child.pid ?? 0
  const mount = { directory: image.directory, fd, letGo() {} }
  announceMounts(store.paths, { pid, startTime: processStartTime(pid) ?? 0 }, [[mount, 3]])
  closeSync(fd)
  return { child, dev }
}

test('a process mounts an image once, however often it is asked for', async (t) => {
  const { store, image } = await storeWithImage(t)
  const [one, two] = [mountLayer(store.paths, image), mountLayer(store.paths, image)]
  assert.equal(readFileSync(`/proc/self/fd/${one.fd}/file`, 'utf8'), 'content')
  assert.equal(fstatSync(one.fd).dev === fstatSync(two.fd).dev, canShareImages())
  one.letGo()
  assert.equal(readFileSync(`/proc/self/fd/${two.fd}/file`, 'utf8'), 'content')
  two.letGo()
})

test('what another process has mounted is shared, and outlives it', old, async (t) => {
  const found = await storeWithImage(t)
  const { store, image } = found
  const { child, dev } = await holderOf(t, found)
  const mount = mountLayer(store.paths, image)
  assert.equal(fstatSync(mount.fd).dev, dev)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  assert.equal(readFileSync(`/proc/self/fd/${mount.fd}/file`, 'utf8'), 'content')
  mount.letGo()
})

test('a process that has ended, and one that has something else there, is asked no more', old, async (t) => {
  const { store, image } = await storeWithImage(t)
  const holders = holdersOf(store.paths, image.directory)
  const self = { pid: process.pid, startTime: processStartTime(process.pid) ?? 0 }
  const wrong = openImage(image.image)
  t.after(() => closeSync(wrong))
  const mount = { directory: image.directory, fd: wrong, letGo() {} }
  announceMounts(store.paths, { ...self, startTime: self.startTime + 1 }, [[mount, wrong]])
  announceMounts(store.paths, self, [[mount, 0]])
  assert.equal(readdirSync(holders).length, 2)
  const own = mountLayer(store.paths, image)
  assert.notEqual(fstatSync(own.fd).dev, fstatSync(wrong).dev)
  assert.deepEqual(readdirSync(holders), [])
  own.letGo()
  announceMounts(store.paths, self, [[mount, wrong]])
  await store.layers.remove(diffID)
  assert.equal(existsSync(holders), false, 'nothing is left when the layer goes')
})
