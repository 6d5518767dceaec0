import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryDirectory } from '@gocker/testkit'
import { openStore } from './index.ts'
import { makeImage } from './testing/image.ts'

test('a store is made where there is none, by several at once, and is an OCI layout', async (t) => {
  const directory = temporaryDirectory(t)
  const options = { root: join(directory, 'a', 'root'), run: join(directory, 'run') }
  const [store] = await Promise.all([openStore(options), openStore(options), openStore(options)])
  assert.deepEqual(JSON.parse(readFileSync(store.paths.ociLayout, 'utf8')), { imageLayoutVersion: '1.0.0' })
  assert.deepEqual(await store.images.list(), [])
  assert.equal(statSync(options.root).mode & 0o777, 0o711)
  for (const inside of [store.paths.blobs, store.paths.layers, store.paths.containers]) assert.equal(statSync(inside).mode & 0o777, 0o700)
})

test('opening again changes nothing, and makes the run directory after a reboot', async (t) => {
  const directory = temporaryDirectory(t)
  const options = { root: join(directory, 'root'), run: join(directory, 'run') }
  const first = await openStore(options)
  await first.images.tag('debian', (await makeImage(first, ['one'])).descriptor)
  rmSync(options.run, { recursive: true })
  const before = [first.paths.root, first.paths.index, first.paths.ociLayout].map((path) => statSync(path).ctimeMs)
  const again = await openStore(options)
  assert.equal((await again.images.list()).length, 1)
  assert.equal(existsSync(options.run), true)
  assert.deepEqual(
    [first.paths.root, first.paths.index, first.paths.ociLayout].map((path) => statSync(path).ctimeMs),
    before,
  )
})

test('the directories inside are made again when somebody has removed them', async (t) => {
  const directory = temporaryDirectory(t)
  const options = { root: join(directory, 'root'), run: join(directory, 'run') }
  const { paths } = await openStore(options)
  for (const path of [paths.blobs, paths.layers, paths.containers, paths.temporary, paths.locks])
    rmSync(path, { recursive: true, force: true })
  const store = await openStore(options)
  await store.images.tag('debian', (await makeImage(store, ['one'])).descriptor)
  await store.containers.create({ image: await store.images.get('debian') })
  assert.deepEqual((await store.prune()).removed, [])
})

test('a layout of another version is left alone', async (t) => {
  const root = temporaryDirectory(t)
  writeFileSync(join(root, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
  await assert.rejects(openStore({ root, run: join(root, 'run') }), { code: 'CORRUPT', message: /2\.0\.0.*expected version 1\.0\.0/ })
})

test("a file in the store's place is said to be in the way", async (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'root'), '')
  await assert.rejects(openStore({ root: join(directory, 'root'), run: directory }), {
    name: 'StoreError',
    message: /^opening the store .*ENOTDIR/,
  })
})

for (const isMade of [true, false])
  test(`somebody else's ${isMade ? 'store' : 'directory'} is refused with a hint`, {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async (t) => {
    const directory = temporaryDirectory(t)
    const options = { root: join(directory, 'root'), run: join(directory, 'run') }
    if (isMade) await openStore(options)
    else mkdirSync(options.root, { mode: 0o755 })
    const script = `
      import { openStore } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
      process.setgid(65534)
      process.setuid(65534)
      await openStore(${JSON.stringify(options)}).catch(({ name, code, hint }) => console.log(JSON.stringify({ name, code, hint })))`
    const { stdout } = await promisify(execFile)('chmod', ['755', directory]).then(() =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]),
    )
    const { name, code, hint } = JSON.parse(stdout) as Record<string, string>
    assert.deepEqual({ name, code }, { name: 'StoreError', code: 'PERMISSION' })
    assert.match(hint as string, /GOCKER_ROOT/)
  })
