import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import {
  busyboxRootfs,
  type CommandResult,
  gocker,
  inspectWithSkopeo,
  leaks,
  makeTemporaryDirectory,
  removeTree,
  startFaultProxy,
  startRegistry,
  temporaryDirectory,
} from '@gocker/testkit'
import { contextOf } from './support/building.ts'
import { failedWith, succeeded } from './support/pulling.ts'

const registry = await startRegistry()
const bases = makeTemporaryDirectory()
const base = join(bases, 'base.tar')
succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { root: bases, input: busyboxRootfs() }))
succeeded(await gocker(['save', '-o', base, 'base'], { root: bases }))
after(async () => {
  await registry.stop()
  removeTree(bases)
})

const GOCKERFILE = `FROM base AS tools
RUN echo made > /made
FROM base
ENV A=1
COPY --from=tools /made /made
COPY file /file
RUN --mount=type=secret,id=word cat /made /file > /both
WORKDIR /new/place
CMD ["cat", "/both"]
`
const STEPS = ['RUN echo made', 'COPY --from', 'COPY file', 'RUN --mount', 'WORKDIR']

/** Another machine: a store that has the base and nothing else. */
async function machine(t: TestContext): Promise<string> {
  const root = temporaryDirectory(t)
  succeeded(await gocker(['load', '-i', base], { root }))
  return root
}

function contextHere(t: TestContext, gockerfile = GOCKERFILE): string {
  return contextOf(t, { Gockerfile: gockerfile, file: 'of the context\n', word: 'a secret word\n' })
}

async function build(root: string, context: string, ...flags: string[]): Promise<CommandResult> {
  return await gocker(
    ['build', '--network', 'none', '--secret', `id=word,src=${join(context, 'word')}`, '-t', 'built', ...flags, context],
    { root },
  )
}

/** The steps that are done, and whether they were known. */
function known({ stderr }: CommandResult): Record<string, boolean> {
  const lines = stderr.split('\n').filter((line) => / {2}(CACHED|\d[\d.]*s)$/.test(line))
  return Object.fromEntries(STEPS.map((step) => [step, lines.some((line) => line.includes(`] ${step}`) && line.endsWith('CACHED'))]))
}

const ALL = Object.fromEntries(STEPS.map((step) => [step, true]))
const NONE = Object.fromEntries(STEPS.map((step) => [step, false]))

for (const kind of ['local', 'registry'])
  test(`${kind}: another machine finds every step, and comes to the same image`, async (t) => {
    const context = contextHere(t)
    const place = kind === 'local' ? join(temporaryDirectory(t), 'cache') : `${registry.host}/cache/${kind}:main`
    const [to, from] = kind === 'local' ? [`type=local,dest=${place}`, `type=local,src=${place}`] : [`type=registry,ref=${place}`, place]
    const first = succeeded(await build(await machine(t), context, '--cache-to', to))
    assert.deepEqual(known(first), NONE)
    const other = await machine(t)
    const watch = leaks(other)
    const second = succeeded(await build(other, context, '--cache-from', from))
    watch.assertNone()
    assert.deepEqual(known(second), ALL)
    assert.equal(second.stdout, first.stdout)
    assert.equal(succeeded(await gocker(['run', '--rm', '--network', 'none', 'built'], { root: other })).stdout, 'made\nof the context\n')
    const third = succeeded(await build(other, context, '--cache-from', 'type=local,src=/nonexistent'))
    assert.deepEqual(known(third), ALL, 'what was found is known here from then on')
    assert.doesNotMatch(third.stderr, /nonexistent/, 'a cache is opened when it is needed')
  })

test('no secret is in a cache', async (t) => {
  const place = join(temporaryDirectory(t), 'cache')
  succeeded(await build(await machine(t), contextHere(t), '--cache-to', `type=local,dest=${place}`))
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(place, name)).isFile())
  for (const name of files) assert.ok(!readFileSync(join(place, name)).includes('a secret word'), name)
})

test('a cache in a directory is an image layout that skopeo reads, and holds what the last build used', async (t) => {
  const place = join(temporaryDirectory(t), 'cache')
  const root = await machine(t)
  succeeded(await build(root, contextHere(t), '--cache-to', `type=local,dest=${place}`))
  const before = readdirSync(join(place, 'blobs/sha256'))
  succeeded(await build(root, contextHere(t, 'FROM base\nRUN echo other > /other\n'), '--cache-to', `type=local,dest=${place}`))
  assert.equal(readdirSync(join(place, 'blobs/sha256')).length, 3)
  assert.ok(before.length > 3)
  const manifest = await inspectWithSkopeo(`oci:${place}`, '--raw')
  assert.equal((manifest.config as { mediaType: string }).mediaType, 'application/vnd.gocker.build-cache.v1+json')
})

test('only the layers of steps that are found are fetched', async (t) => {
  const place = `cache/lazy:main`
  await using proxy = await startFaultProxy(registry.url, { faults: [] })
  succeeded(await build(await machine(t), contextHere(t), '--cache-to', `type=registry,ref=${registry.host}/${place}`))
  const other = await machine(t)
  const short = contextHere(t, 'FROM base\nRUN echo made > /made\n')
  succeeded(await build(other, short, '--cache-from', `${proxy.host}/${place}`))
  // The list of the steps, and one layer.
  assert.equal(proxy.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).length, 2)
})

test('several places to read from: the next is asked where one does not know', async (t) => {
  const [empty, full] = ['empty', 'full'].map((name) => join(temporaryDirectory(t), name)) as [string, string]
  const context = contextHere(t)
  const root = await machine(t)
  succeeded(await build(root, contextHere(t, 'FROM base\nRUN echo x > /x\n'), '--cache-to', `type=local,dest=${empty}`))
  succeeded(await build(root, context, '--cache-to', `type=local,dest=${full}`))
  const flags = [empty, full].flatMap((place) => ['--cache-from', `type=local,src=${place}`])
  assert.deepEqual(known(succeeded(await build(await machine(t), context, ...flags))), ALL)
})

test('a cache that is missing or damaged is told of, and the build goes on without it', async (t) => {
  const context = contextHere(t)
  const root = await machine(t)
  const place = join(temporaryDirectory(t), 'cache')
  const first = succeeded(await build(root, context, '--cache-to', `type=local,dest=${place}`))
  const image = `${registry.host}/an/image:v1`
  succeeded(await gocker(['tag', 'built', image], { root }))
  succeeded(await gocker(['push', image], { root }))
  cutLayers(place)
  for (const [from, why] of [
    ['type=local,src=/nonexistent', /cache \/nonexistent is not used: there is none/],
    [`${registry.host}/not/here`, /cache \S+\/not\/here is not used: .*not found/],
    [image, /is not used: it is an image, and no build cache/],
    [`type=local,src=${place}`, /is not used: .*(expected|size|bytes)/],
  ] as const) {
    const other = await machine(t)
    const result = succeeded(await build(other, context, '--cache-from', from))
    assert.match(result.stderr, why)
    assert.equal(result.stdout === first.stdout, false, 'the steps were made anew, at another time')
    assert.equal(succeeded(await gocker(['run', '--rm', '--network', 'none', 'built'], { root: other })).stdout, 'made\nof the context\n')
  }
})

/** Cuts every layer of a cache short. */
function cutLayers(place: string): void {
  const blobs = join(place, 'blobs/sha256')
  const layers = readdirSync(blobs).filter((name) => readFileSync(join(blobs, name)).subarray(257, 262).toString() === 'ustar')
  assert.ok(layers.length > 0)
  for (const name of layers) writeFileSync(join(blobs, name), readFileSync(join(blobs, name)).subarray(0, 700))
}

test('what cannot be read or written is refused', async (t) => {
  const context = contextHere(t)
  const root = await machine(t)
  const refused = async (flags: readonly string[], why: RegExp) => failedWith(await build(root, context, ...flags), why)
  await refused(['--cache-from', 'type=gha'], /type is local or registry, not "gha"/)
  await refused(['--cache-from', 'type=local,dest=x'], /there are type, mode, src, not "dest"/)
  await refused(['--cache-to', 'type=local'], /dest is missing/)
  await refused(['--cache-to', 'type=registry,ref=Not A Name'], /Not A Name/)
  const layout = join(temporaryDirectory(t), 'layout')
  mkdirSync(layout)
  const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 2 }
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
  await refused(['--cache-to', `type=local,dest=${layout}`], /writing the cache \S+: it is an image layout, and no build cache/)
  assert.deepEqual(readdirSync(layout), ['index.json'])
  rmSync(layout, { recursive: true })
})
