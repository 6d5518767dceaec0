import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  busyboxRootfs,
  type Fault,
  gocker,
  inspectWithSkopeo,
  leaks,
  makeTemporaryDirectory,
  pullWithSkopeo,
  removeTree,
  startFaultProxy,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import { contextOf } from './support/building.ts'
import { failedWith, succeeded } from './support/pulling.ts'

const PASSWORD = 'correct horse'

const root = makeTemporaryDirectory()
const registry = await startRegistry()
after(async () => {
  await registry.stop()
  removeTree(root)
})
before(async () => {
  succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { root, input: busyboxRootfs() }))
})

let count = 0
/** Builds an image of two plain layers, the base's and one of its own, under a name of its own in a registry. */
async function built(t: TestContext, { host = registry.host, content = `image ${count}\n` } = {}): Promise<string> {
  const name = `${host}/test/image-${++count}:v1`
  const context = contextOf(t, { file: content, Gockerfile: 'FROM base\nCOPY file /file\nCMD ["cat", "/file"]\n' })
  succeeded(await gocker(['build', '--network', 'none', '-t', name, context], { root }))
  return name
}

async function pushed(name: string, ...flags: string[]): Promise<{ digest: string; stderr: string }> {
  const { stdout, stderr } = succeeded(await gocker(['push', ...flags, name], { root }))
  return { digest: stdout.trim(), stderr }
}

interface Manifest {
  readonly mediaType: string
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[]
}

async function manifestOf(name: string): Promise<Manifest> {
  return (await inspectWithSkopeo(`docker://${name}`, '--raw')) as unknown as Manifest
}

test('what is pushed is read by skopeo, umoci and podman, and comes back as the same image', async (t) => {
  const name = await built(t, { content: 'to everybody\n' })
  const { digest } = await pushed(name)
  const { Digest } = (await inspectWithSkopeo(`docker://${name}`)) as { Digest: string }
  assert.equal(digest, Digest)
  const layout = join(temporaryDirectory(t), 'layout')
  await pullWithSkopeo(name, `${layout}:v1`)
  const bundle = join(temporaryDirectory(t), 'bundle')
  execFileSync('umoci', ['unpack', '--image', `${layout}:v1`, bundle], { stdio: 'pipe' })
  assert.equal(execFileSync('cat', [join(bundle, 'rootfs/file')], { encoding: 'utf8' }), 'to everybody\n')
  assert.equal(podman(t, ['pull', '-q', '--tls-verify=false', name]).length, 64)
  const other = temporaryDirectory(t)
  succeeded(await gocker(['pull', name], { root: other }))
  assert.equal(succeeded(await gocker(['run', '--rm', name], { root: other })).stdout, 'to everybody\n')
  const ids = await Promise.all([root, other].map((place) => gocker(['images', '-q', '--no-trunc', name], { root: place })))
  assert.equal(ids[0]?.stdout, ids[1]?.stdout)
})

function podman(t: TestContext, words: readonly string[]): string {
  const directory = temporaryDirectory(t)
  const storage = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs']
  try {
    return execFileSync('podman', [...storage, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  } finally {
    execFileSync('podman', [...storage, 'rmi', '-af'], { stdio: 'pipe' })
  }
}

test('what the registry has is not sent again, nor compressed again', async (t) => {
  const name = await built(t)
  const first = await pushed(name)
  assert.match(first.stderr, /: pushed, /)
  const second = await pushed(name)
  assert.equal(second.digest, first.digest)
  assert.doesNotMatch(second.stderr, /pushed, |pushing \d/)
  assert.equal(second.stderr.match(/already there/g)?.length, 2)
})

test('a layer that the registry has in another repository is mounted from there', async (t) => {
  const first = await built(t, { content: 'mounted\n' })
  await pushed(first)
  const second = `${registry.host}/test/elsewhere:v1`
  succeeded(await gocker(['tag', first, second], { root }))
  const { stderr } = await pushed(second)
  assert.match(stderr, /mounted from test\/image-/)
  assert.doesNotMatch(stderr, /pushed, /)
  assert.deepEqual(await manifestOf(second), await manifestOf(first))
})

test('an image that was pulled leaves as it came, byte for byte', async (t) => {
  const name = await built(t)
  const { digest } = await pushed(name)
  const other = temporaryDirectory(t)
  const copy = `${registry.host}/test/copy:v2`
  succeeded(await gocker(['pull', name], { root: other }))
  succeeded(await gocker(['tag', name, copy], { root: other }))
  assert.equal(succeeded(await gocker(['push', '-q', copy], { root: other })).stdout, `${digest}\n`)
})

test('--compression chooses how plain layers leave, and the same input gives the same digest', async (t) => {
  const name = await built(t)
  const zstd = await pushed(name, '--compression', 'zstd:5')
  const manifest = await manifestOf(name)
  assert.deepEqual(new Set(manifest.layers.map(({ mediaType }) => mediaType)), new Set(['application/vnd.oci.image.layer.v1.tar+zstd']))
  const other = temporaryDirectory(t)
  succeeded(await gocker(['pull', name], { root: other }))
  assert.match(succeeded(await gocker(['run', '--rm', name], { root: other })).stdout, /^image/)
  const gzip = await pushed(name, '--compression', 'gzip:1')
  assert.notEqual(gzip.digest, zstd.digest)
  removeTree(join(root, 'store/cache/compressed'))
  assert.equal((await pushed(name, '--compression', 'gzip:1')).digest, gzip.digest)
  failedWith(await gocker(['push', '--compression', 'xz', name], { root }), /reading compression "xz": neither gzip nor zstd/)
  failedWith(await gocker(['push', '--compression', 'gzip:10', name], { root }), /the levels of gzip are 1 to 9/)
})

test('a push needs a token for pull and push; who may not push is told so', async (t) => {
  await using tokens = await startTokenServer({
    users: { alice: { password: PASSWORD } },
    anonymous: [{ repository: 'test/*', actions: ['pull'] }],
  })
  await using closed = await startRegistry({ auth: tokens.auth })
  const name = await built(t, { host: closed.host })
  const stranger = await gocker(['push', name], { root })
  failedWith(stranger, /pushing blob .* not authorized/)
  assert.match(stranger.stderr, /hint: .*login/)
  const env = { DOCKER_CONFIG: dockerConfig(t, closed.host) }
  succeeded(await gocker(['push', name], { root, env }))
  assert.ok(tokens.requests.some(({ user, scopes }) => user === 'alice' && scopes.some((scope) => scope.endsWith(':pull,push'))))
  succeeded(await gocker(['pull', name], { root: temporaryDirectory(t) }))
})

function dockerConfig(t: TestContext, host: string): string {
  const directory = join(temporaryDirectory(t), 'docker')
  mkdirSync(directory)
  const auths = { [host]: { auth: Buffer.from(`alice:${PASSWORD}`).toString('base64') } }
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ auths }))
  return directory
}

const FAULTS: Record<string, Fault> = {
  'an upload that cannot begin at first': { method: 'POST', path: /uploads/, nth: 1, kind: 'status', status: 503 },
  'a connection that ends in place of an answer': { method: 'PATCH', path: /uploads/, nth: 1, kind: 'hang-up' },
  'an end that the registry does not confirm': { method: 'PUT', path: /uploads/, nth: 1, kind: 'status', status: 502 },
  'a manifest that is not taken at first': { method: 'PUT', path: /manifests/, nth: 1, kind: 'status', status: 500 },
}

for (const [what, fault] of Object.entries(FAULTS))
  test(`${what} is gone on from`, async (t) => {
    await using proxy = await startFaultProxy(registry.url, { faults: [fault] })
    const name = await built(t, { host: proxy.host, content: what })
    const { digest, stderr } = await pushed(name)
    assert.match(stderr, /trying again/)
    const { Digest } = (await inspectWithSkopeo(`docker://${name}`)) as { Digest: string }
    assert.equal(digest, Digest)
  })

test('what is refused for good ends in one line, and every upload that was begun is cancelled', async (t) => {
  await using proxy = await startFaultProxy(registry.url, { faults: [{ method: 'PATCH', kind: 'status', status: 413 }] })
  const name = await built(t, { host: proxy.host, content: 'refused' })
  const watch = leaks(root)
  failedWith(await gocker(['push', name], { root }), /pushing blob sha256:\w+ to 127\.0\.0\.1:\d+: the server answered 413/)
  watch.assertNone()
  const count = (method: string) =>
    proxy.requests.filter((request) => request.method === method && request.path.includes('/uploads/')).length
  assert.equal(count('DELETE'), count('POST'))
})

test('names that cannot be pushed', async (t) => {
  const missing = await gocker(['push', `${registry.host}/not/here`], { root })
  failedWith(missing, /not\/here/)
  const name = await built(t)
  failedWith(await gocker(['push', `${name}@sha256:${'0'.repeat(64)}`], { root }), /a digest is what comes out/)
  failedWith(await gocker(['push', 'Not A Name'], { root }), /Not A Name/)
})
