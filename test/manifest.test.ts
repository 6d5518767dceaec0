import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import {
  buildTar,
  gocker,
  imageLayout,
  inspectWithSkopeo,
  makeTemporaryDirectory,
  pushLayout,
  type Registry,
  removeTree,
  startRegistry,
  temporaryDirectory,
} from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'

const root = makeTemporaryDirectory()
let registry: Registry
before(async () => {
  registry = await startRegistry()
})
after(async () => {
  await registry.stop()
  removeTree(root)
})

async function pushed(t: TestContext, name: string, architecture: string): Promise<{ name: string; digest: string }> {
  const layers = [buildTar([{ name: 'file', content: `${name} for ${architecture}` }])]
  const layout = imageLayout(temporaryDirectory(t), { layers, platform: { os: 'linux', architecture } })
  await pushLayout(layout, `${registry.url}/${name}`)
  return { name: `${registry.host}/${name}`, digest: layout.descriptor.digest }
}

interface Index {
  readonly mediaType: string
  readonly manifests: readonly { readonly digest: string; readonly platform: unknown }[]
}

async function raw(name: string): Promise<Index> {
  return (await inspectWithSkopeo(`docker://${name}`, '--raw')) as unknown as Index
}

async function call(...words: string[]): Promise<string> {
  return succeeded(await gocker(['manifest', ...words], { root })).stdout
}

test('images of one registry are made one of several platforms, and pulled as such', async (t) => {
  const [amd, arm] = [await pushed(t, 'one:amd64', 'amd64'), await pushed(t, 'other/name:arm', 'arm')]
  const list = `${registry.host}/several:1`
  assert.equal(await call('create', list, amd.name), `Created manifest list ${list}\n`)
  failedWith(await gocker(['manifest', 'create', list, arm.name], { root }), /there is one already/)
  await call('create', '--amend', list, arm.name)
  await call('annotate', '--variant', 'v7', list, arm.name)
  const kept = JSON.parse(await call('inspect', list)) as Index
  assert.deepEqual(
    kept.manifests.map(({ digest, platform }) => [digest, platform]),
    [
      [amd.digest, { os: 'linux', architecture: 'amd64' }],
      [arm.digest, { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ],
  )
  succeeded(await gocker(['system', 'prune', '--force'], { root }))
  assert.equal(succeeded(await gocker(['images', '-q'], { root })).stdout, '')
  const { stdout, stderr } = succeeded(await gocker(['manifest', 'push', '--purge', list], { root }))
  assert.match(stderr, /mounted from other\/name/)
  assert.deepEqual(await raw(list), kept)
  assert.equal(JSON.stringify(await raw(`${registry.host}/several@${stdout.trim()}`)), JSON.stringify(kept))
  assert.equal(succeeded(await gocker(['pull', '-q', '--platform', 'linux/arm/v7', list], { root })).stdout.trim(), arm.digest)
  failedWith(await gocker(['manifest', 'push', list], { root }), /there is none/)
})

test('images of another registry are brought along', async (t) => {
  await using other = await startRegistry()
  const { name, digest } = await pushed(t, 'far:1', 'amd64')
  const list = `${other.host}/near:1`
  await call('create', list, name)
  await call('push', list)
  assert.deepEqual(
    (await raw(list)).manifests.map((each) => each.digest),
    [digest],
  )
  succeeded(await gocker(['pull', '-q', '--platform', 'linux/amd64', list], { root }))
})

test('what a registry has is shown as it is', async (t) => {
  const { name, digest } = await pushed(t, 'shown:1', 'amd64')
  assert.deepEqual(JSON.parse(await call('inspect', name)), await raw(name))
  const verbose = JSON.parse(await call('inspect', '-v', name)) as { Ref: string; Descriptor: { digest: string }; OCIManifest: unknown }
  assert.deepEqual([verbose.Ref, verbose.Descriptor.digest, verbose.OCIManifest], [name, digest, await raw(name)])
  const list = `${registry.host}/listed:1`
  await call('create', list, name)
  assert.deepEqual(JSON.parse(await call('inspect', list, name)), await raw(name))
  assert.deepEqual(JSON.parse(await call('inspect', list, digest)), await raw(name))
  await call('rm', list)
  failedWith(await gocker(['manifest', 'annotate', '--arch', 'arm', list, name], { root }), /there is none/)
  failedWith(await gocker(['manifest', 'create', list, `${registry.host}/absent`], { root }), /not found/)
})
