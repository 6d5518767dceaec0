import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildTar, gocker, startRegistry, temporaryDirectory } from '@gocker/testkit'
import { failedWith, pullFixture, storeContents, succeeded } from './support/pulling.ts'

const { registry, pushed, proxy } = await pullFixture()
const CONTENT = randomBytes(200_000)
const LAYERS = [buildTar([{ name: 'noise', content: CONTENT }]), buildTar([{ name: 'text', content: 'below\n' }])]

test('without blobs an image can be had again from its registry, and nowhere else', async (t) => {
  const { name, layout } = await pushed(t, { layers: LAYERS })
  const image = `${registry.host}/${name}`
  const root = temporaryDirectory(t)
  succeeded(await gocker(['pull', '--discard-blobs', image], { root }))
  const digests = layout.images[0]?.layers.map(({ digest }) => digest.replace('sha256:', '')) ?? []
  const kept = async () => (await storeContents(root)).blobs.filter((blob) => digests.includes(blob))
  assert.deepEqual(await kept(), [])
  assert.equal((await storeContents(root)).layers.length, 2)

  await using other = await startRegistry()
  const elsewhere = `${other.host}/copied:latest`
  succeeded(await gocker(['tag', image, elsewhere], { root }))
  const reason = /reading blob sha256:[0-9a-f]{64}: the layer is here unpacked, its blob was not kept when it was pulled/
  for (const command of [
    ['push', '-q', elsewhere],
    ['save', '-o', join(root, 'saved.tar'), image],
    ['copy', '-q', image, `oci:${join(root, 'layout')}`],
  ]) {
    const refused = await gocker(command, { root })
    failedWith(refused, reason)
    assert.ok(
      refused.stderr.includes(`gocker pull --keep-blobs ${image.replace(':latest', '')}@${layout.descriptor.digest}`),
      refused.stderr,
    )
  }
  // The registry that it came from has the layers.
  const beside = image.replace('test/', 'beside/')
  succeeded(await gocker(['tag', image, beside], { root }))
  succeeded(await gocker(['push', '-q', beside], { root }))

  succeeded(await gocker(['pull', '--keep-blobs', image], { root }))
  assert.deepEqual((await kept()).sort(), digests.toSorted())
  succeeded(await gocker(['push', '-q', elsewhere], { root }))
})

test('the settings may discard blobs, and a layer that is there is enough then', async (t) => {
  const slow = await proxy(t)
  const { name, layout } = await pushed(t, { layers: LAYERS })
  const root = temporaryDirectory(t)
  const settings = join(root, 'gocker.toml')
  writeFileSync(settings, '[pull]\ndiscard-blobs = true\n')
  for (let times = 0; times < 2; times++)
    succeeded(await gocker(['pull', `${slow.host}/${name}`], { root, env: { GOCKER_CONFIG: settings } }))
  for (const { digest } of layout.images[0]?.layers ?? [])
    assert.equal(slow.requests.filter(({ path }) => path.endsWith(digest)).length, 1, digest)
})

test('what is not kept is verified all the same', async (t) => {
  const { name, layout } = await pushed(t, { layers: LAYERS, compression: 'none' })
  const digest = layout.images[0]?.layers[0]?.digest ?? ''
  const lying = await proxy(t, { path: new RegExp(digest), kind: 'flip', at: 1000 })
  const root = temporaryDirectory(t)
  failedWith(await gocker(['pull', '--discard-blobs', `${lying.host}/${name}`], { root }), new RegExp(`fetching blob ${digest}: expected`))
  assert.deepEqual((await storeContents(root)).images, '')
  assert.ok(!readFileSync(join(root, 'store/index.json'), 'utf8').includes(name))
})
