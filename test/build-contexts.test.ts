import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createSocketServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { buildTar, busyboxRootfs, gocker, leaks, makeTemporaryDirectory, removeTree, temporaryDirectory } from '@gocker/testkit'
import { contextOf } from './support/building.ts'
import { failedWith, succeeded } from './support/pulling.ts'

const root = makeTemporaryDirectory()
after(() => removeTree(root))
before(async () => {
  succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { root, input: busyboxRootfs() }))
})

let count = 0
/** Builds, and gives what the command prints when it is run in the image. */
async function shownBy(
  flags: string[],
  { input, env, show = 'cat /x' }: { input?: Buffer; env?: Record<string, string>; show?: string } = {},
) {
  const name = `context-${++count}`
  const options = { root, ...(env !== undefined && { env }), ...(input !== undefined && { input }) }
  succeeded(await gocker(['build', '--network', 'none', '-t', name, ...flags], options))
  return succeeded(await gocker(['run', '--rm', '--network', 'none', name, 'sh', '-c', show], { root })).stdout
}

async function refused(flags: string[], said: RegExp, input?: Buffer): Promise<void> {
  const watch = leaks(root)
  failedWith(await gocker(['build', '--network', 'none', ...flags], { root, ...(input !== undefined && { input }) }), said)
  await watch.assertNone()
}

const GOCKERFILE = 'FROM base\nCOPY a /x\n'
const ARCHIVE = buildTar([
  { name: 'Dockerfile', content: GOCKERFILE },
  { name: 'sub/', mode: 0o755 },
  { name: 'sub/Other', content: 'FROM base\nCOPY sub/b /x\n' },
  { name: 'sub/b', content: 'B' },
  { name: 'a', content: 'from the archive', mode: 0o600, uid: 1234 },
  { name: 'ignored', content: 'I' },
  { name: '.dockerignore', content: 'ignored\n' },
])

describe('an archive on stdin', () => {
  for (const [packing, pack] of [
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)
    test(`${packing}: is the context, its Dockerfile in it`, async () => {
      const watch = leaks(root)
      const show = "cat /x; stat -c ' %a %u' /x"
      assert.equal(await shownBy(['-'], { input: Buffer.from(pack(ARCHIVE)), show }), 'from the archive 600 0\n')
      await watch.assertNone()
    })

  test('-f names a file in it, and its ignore file counts', async () => {
    assert.equal(await shownBy(['-f', 'sub/Other', '-'], { input: ARCHIVE }), 'B')
    await refused(['-f', '../../etc/passwd', '-'], /no \.\.\/\.\.\/etc\/passwd is in the context/, ARCHIVE)
    const ignored = buildTar([
      { name: 'Gockerfile', content: 'FROM base\nCOPY ignored /x\n' },
      { name: 'ignored', content: '' },
      { name: '.dockerignore', content: 'ignored' },
    ])
    await refused(['-'], /Gockerfile:2:1: COPY: ignored is not there/, ignored)
  })

  test('its symlinks do not lead out', async (t) => {
    const secret = join(temporaryDirectory(t), 'secret')
    writeFileSync(secret, 'FROM outside-the-archive\n')
    const links = buildTar([
      { name: 'Gockerfile', type: 'symlink', link: secret },
      { name: 'out', type: 'symlink', link: secret },
    ])
    await refused(['-'], /neither Gockerfile nor Dockerfile is in the context/, links)
  })

  test('a damaged one is refused', async () => {
    await refused(['-'], /archive|tar/i, ARCHIVE.subarray(0, 700))
  })
})

describe('a Gockerfile on stdin', () => {
  test('`build -` has no context', async () => {
    assert.equal(await shownBy(['-'], { input: Buffer.from('FROM base\nRUN echo alone > /x\n') }), 'alone\n')
    await refused(['-'], /stdin:2:1: COPY: a is not there/, Buffer.from(GOCKERFILE))
    await refused(['-'], /stdin is empty/, Buffer.alloc(0))
    await refused(['-f', 'x', '-'], /stdin is no archive/, Buffer.from(GOCKERFILE))
  })

  test('`-f -` has a directory', async (t) => {
    const context = contextOf(t, { a: 'from the directory', Gockerfile: 'FROM nothing\n' })
    assert.equal(await shownBy(['-f', '-', context], { input: Buffer.from(GOCKERFILE) }), 'from the directory')
    await refused(['-f', '-', '-'], /cannot both be stdin/, Buffer.from(GOCKERFILE))
  })
})

function git(directory: string, ...words: string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main']
  return execFileSync('git', ['-C', directory, ...identity, ...words], { encoding: 'utf8', stdio: 'pipe' }).trim()
}

/** A repository over http, as a plain web server can give one. */
async function repository(t: TestContext): Promise<{ address: string; commit: string }> {
  const work = contextOf(t, {
    Gockerfile: GOCKERFILE,
    a: 'main',
    'sub/Gockerfile': 'FROM base\nCOPY . /d\nRUN ls -a /d > /x\n',
    'sub/b': '',
  })
  git(work, 'init', '--quiet')
  git(work, 'add', '.')
  git(work, 'commit', '--quiet', '-m', 'one')
  const commit = git(work, 'rev-parse', 'HEAD')
  git(work, 'checkout', '--quiet', '-b', 'other')
  writeFileSync(join(work, 'a'), 'other')
  git(work, 'commit', '--quiet', '-a', '-m', 'two')
  git(work, 'checkout', '--quiet', 'main')
  const served = temporaryDirectory(t)
  git(served, 'clone', '--quiet', '--bare', work, join(served, 'r.git'))
  git(join(served, 'r.git'), 'update-server-info')
  return { address: `${await serve(t, (path) => readFileSync(join(served, path)))}/r.git`, commit }
}

async function serve(t: TestContext, read: (path: string) => Buffer): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    try {
      response.end(read(url.replace(/\?.*/, '')))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a git repository: a branch, a commit, a directory of it', async (t) => {
  const { address, commit } = await repository(t)
  const watch = leaks(root)
  assert.equal(await shownBy([address]), 'main')
  assert.equal(await shownBy([`${address}#other`]), 'other')
  assert.equal(await shownBy([`${address}#${commit}:sub`]), '.\n..\nGockerfile\nb\n')
  assert.equal(await shownBy(['-f', 'sub/../Gockerfile', address]), 'main')
  await watch.assertNone()
  await refused([`${address}#nowhere`], /opening context http:.*r\.git#nowhere: .*no branch and no tag nowhere/)
  await refused([`${address}#main:nowhere`], /there is no directory nowhere/)
  await refused(
    [address.replace('//', '//user:secret@').replace('r.git', 'none.git')],
    /opening context http:\/\/127[^@]*none\.git: git ls-remote/,
  )
})

test('an archive or a Gockerfile by its address', async (t) => {
  const files: Record<string, Buffer> = { '/x.tar.gz': gzipSync(ARCHIVE), '/Gockerfile': Buffer.from('FROM base\nRUN echo fetched > /x\n') }
  const address = await serve(t, (path) => files[path] ?? assert.fail())
  assert.equal(await shownBy([`${address}/x.tar.gz`]), 'from the archive')
  assert.equal(await shownBy([`${address}/Gockerfile`]), 'fetched\n')
  await refused([`${address}/none`], /opening context http.*none: .*not found/)
})

describe('flags', () => {
  test('--secret: a file, a variable, by its id alone', async (t) => {
    const context = contextOf(t, {
      Gockerfile: 'FROM base\nRUN --mount=type=secret,id=s,required wc -c < /run/secrets/s > /x\n',
      token: 'from a file',
    })
    const env = { TOKEN: 'variable', s: 'id' }
    assert.equal(await shownBy(['--secret', `id=s,src=${join(context, 'token')}`, context]), '11\n')
    assert.equal(await shownBy(['--no-cache', '--secret', 'id=s,env=TOKEN', context], { env }), '8\n')
    assert.equal(await shownBy(['--no-cache', '--secret', 'id=s', context], { env }), '2\n')
    await refused([context], /the secret s is required and not given/)
    await refused(['--secret', 'src=x', context], /has no id/)
    await refused(['--secret', 'id=s,file=x', context], /there are id, src, env and type, not "file"/)
    await refused(['--no-cache', '--secret', 'id=s,env=NOT_THERE_AT_ALL', context], /no variable NOT_THERE_AT_ALL/)
  })

  test('--ssh: a socket, and never a key', async (t) => {
    const socket = join(temporaryDirectory(t), 'agent')
    const server = createSocketServer().listen(socket)
    t.after(() => server.close())
    const context = contextOf(t, {
      Gockerfile: 'FROM base\nRUN --mount=type=ssh,required test -S $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK > /x\n',
      key: '',
    })
    const said = '/run/buildkit/ssh_agent.0\n'
    assert.equal(await shownBy(['--ssh', 'default', context], { env: { SSH_AUTH_SOCK: socket } }), said)
    assert.equal(await shownBy(['--no-cache', '--ssh', `default=${socket}`, context]), said)
    await refused(['--ssh', `default=${join(context, 'key')}`, context], /is no socket of an agent.*ssh-add/)
  })

  test('--add-host, --label, --iidfile, --metadata-file', async (t) => {
    const context = contextOf(t, { Gockerfile: 'FROM base\nRUN grep there /etc/hosts > /x\n' })
    const [iid, metadata] = ['iid', 'metadata'].map((name) => join(context, name)) as [string, string]
    const flags = ['-t', 'flags', '--add-host', 'there:10.0.0.1', '--label', 'a=b=c', '--iidfile', iid, '--metadata-file', metadata]
    const id = succeeded(await gocker(['build', '--network', 'none', '-q', ...flags, context], { root })).stdout.trim()
    const [image] = JSON.parse(succeeded(await gocker(['inspect', 'flags'], { root })).stdout)
    assert.deepEqual([readFileSync(iid, 'utf8'), image.Config.Labels], [id, { a: 'b=c' }])
    const { 'containerimage.descriptor': descriptor, ...rest } = JSON.parse(readFileSync(metadata, 'utf8'))
    assert.deepEqual(rest, {
      'containerimage.config.digest': id,
      'containerimage.digest': image.Descriptor.digest,
      'image.name': 'docker.io/library/flags:latest',
    })
    assert.deepEqual([descriptor.digest, descriptor.size], [image.Descriptor.digest, image.Descriptor.size])
  })

  test('--timestamp goes before SOURCE_DATE_EPOCH', async (t) => {
    const context = contextOf(t, { Gockerfile: 'FROM base\nRUN echo 1 > /x\n' })
    const env = { SOURCE_DATE_EPOCH: '1600000000' }
    assert.equal(await shownBy([context], { env, show: 'stat -c %Y /x' }), '1600000000\n')
    assert.equal(await shownBy(['--timestamp', '1500000000', context], { env, show: 'stat -c %Y /x' }), '1500000000\n')
    await refused(['--timestamp', 'now', context], /--timestamp is "now", not seconds/)
  })

  test('--progress json and quiet', async (t) => {
    const context = contextOf(t, { Gockerfile: 'FROM base\nRUN echo said\n' })
    const { stderr, stdout } = succeeded(await gocker(['build', '--network', 'none', '--progress', 'json', context], { root }))
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      events.map(({ type }) => type),
      ['step-started', 'step-output', 'step-done', 'done'],
    )
    assert.deepEqual([events[1].chunk, events[3].image.id], ['said\n', stdout.trim()])
    assert.equal(succeeded(await gocker(['build', '--network', 'none', '--progress', 'quiet', context], { root })).stderr, '')
  })
})

test("a Gockerfile beside the context may be a symlink, as it is the user's own", async (t) => {
  const context = contextOf(t, { a: 'A' })
  const elsewhere = contextOf(t, { real: GOCKERFILE })
  symlinkSync(join(elsewhere, 'real'), join(context, 'Gockerfile'))
  assert.equal(await shownBy([context]), 'A')
})
