import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeLocations } from './locations.ts'
import { storePaths } from './paths.ts'

const paths = storePaths({ root: '/root', run: '/run' })
const id = 'ab'.repeat(32)

test('names are where the layout of the disk says', () => {
  assert.equal(paths.blob(`sha512:${'cd'.repeat(64)}`), `/root/blobs/sha512/${'cd'.repeat(64)}`)
  assert.equal(paths.layer(`sha256:${id}`), `/root/layers/sha256/${id}`)
  assert.equal(paths.bundle(id).config, `/root/containers/${id}/config.json`)
  assert.equal(paths.stateFile(id), `/run/${id}/state.json`)
})

for (const wrong of ['', '.', '..', '../x', 'a/b', '/etc', '.hidden', 'new\nline'])
  test(`${JSON.stringify(wrong)} leads nowhere`, () => {
    for (const name of [
      paths.containerDir,
      paths.runDir,
      paths.stateFile,
      paths.containerName,
      paths.volume,
      paths.lock,
      paths.tmp,
      paths.buildCache,
    ])
      assert.throws(() => name(wrong), { name: 'StoreError', code: 'INVALID_NAME' })
  })

test('the store is where the caller, then the environment, then the custom has it', () => {
  const environment = { GOCKER_ROOT: '/a', GOCKER_RUN: '/b', XDG_DATA_HOME: '/data', XDG_RUNTIME_DIR: '/runtime' }
  assert.deepEqual(storeLocations({ root: '/x', run: '/y' }, environment), { root: '/x', run: '/y' })
  assert.deepEqual(storeLocations({}, environment), { root: '/a', run: '/b' })
  const isRoot = process.getuid?.() === 0
  const custom = isRoot ? { root: '/var/lib/gocker', run: '/run/gocker' } : { root: '/data/gocker', run: '/runtime/gocker' }
  assert.deepEqual(storeLocations({}, { ...environment, GOCKER_ROOT: '', GOCKER_RUN: '' }), custom)
})
