import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryDirectory } from '@gocker/testkit'
import { openStore } from './index.ts'
import { makeImage } from './testing/image.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const run = promisify(execFile)

test('skopeo reads the store as it is', async (t) => {
  const store = await temporaryStore(t)
  const { descriptor, layers } = await makeImage(store, ['one', 'two'])
  await store.images.add((await makeImage(store, ['nameless'])).descriptor)
  await store.images.tag('debian', descriptor)
  await store.images.tag('localhost:5000/other:1.2', descriptor)
  for (const name of ['docker.io/library/debian:latest', 'localhost:5000/other:1.2']) {
    const { stdout } = await run('skopeo', ['inspect', `oci:${store.paths.root}:${name}`])
    const inspected = JSON.parse(stdout) as { Digest: string; Layers: string[] }
    assert.equal(inspected.Digest, descriptor.digest)
    assert.deepEqual(inspected.Layers, layers)
  }
})

test('skopeo copies an image out of the store, and one into it', async (t) => {
  const store = await temporaryStore(t)
  const directory = temporaryDirectory(t)
  const { descriptor, id, layers } = await makeImage(store, ['one', 'two'])
  await store.images.tag('debian', descriptor)
  const policy = ['--insecure-policy']
  const archive = `oci-archive:${join(directory, 'image.tar')}:docker.io/library/copy:latest`
  await run('skopeo', [...policy, 'copy', `oci:${store.paths.root}:docker.io/library/debian:latest`, archive])
  const other = await openStore({ root: join(directory, 'other'), run: join(directory, 'run') })
  await run('skopeo', [...policy, 'copy', archive, `oci:${other.paths.root}:docker.io/library/copy:latest`])
  const image = await other.images.get('copy')
  assert.equal(image.id, id)
  assert.deepEqual(image.layers, layers)
  assert.equal((await other.images.get(id)).id, id)
  assert.deepEqual((await other.prune()).removed, [])
  await other.images.remove('copy')
  assert.deepEqual(await other.images.list(), [])
})
