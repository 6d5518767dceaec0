import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { buildTar, temporaryDirectory } from '@gocker/testkit'
import { BASE, buildFixture, listing } from './support/building.ts'

const { built } = buildFixture()
const FROM = `FROM ${BASE}\n`

describe('ADD of archives', () => {
  const tar = buildTar([
    { name: 'tmp/inside', content: 'I', uid: 5, gid: 6, mode: 0o640 },
    { name: 'new/', mode: 0o2710, uid: 7, gid: 8 },
    { name: 'new/link', type: 'symlink', link: '/etc/passwd' },
    { name: 'new/a', content: 'A' },
    { name: 'new/b', type: 'hardlink', link: 'new/a' },
  ])
  const unpacked = ['new/b A', 'new/link -> /etc/passwd', 'tmp/inside I']

  for (const [name, bytes] of [
    ['plain', () => tar],
    ['gzip', () => gzipSync(tar)],
    ['zstd', () => zstdCompressSync(tar)],
    ['xz', () => execFileSync('xz', ['-c'], { input: tar })],
    ['bzip2', () => execFileSync('bzip2', ['-c'], { input: tar })],
  ] as const)
    test(`is unpacked into the directory, whatever it is called: ${name}`, async (t) => {
      const context = temporaryDirectory(t)
      writeFileSync(join(context, 'no-archive.by-name'), bytes())
      const { root } = await built(t, `${FROM}ADD no-archive.by-name /into\n`, { context })
      const names = listing(root, 'into').map((line) => line.replace(/^\d+ \S+ /, ''))
      assert.deepEqual(
        names.map((line) => line.replace('into/', '')),
        ['new/', 'new/a A', ...unpacked.slice(0, 2), 'tmp/', ...unpacked.slice(2)],
      )
      assert.equal(lstatSync(join(root, 'into/new/a')).ino, lstatSync(join(root, 'into/new/b')).ino)
      const { uid, gid, mode } = lstatSync(join(root, 'into/new'))
      assert.deepEqual([uid, gid, mode & 0o7777], [7, 8, 0o2710])
    })

  test('goes over what is there, and leaves the directories above as they are', async (t) => {
    const context = temporaryDirectory(t)
    writeFileSync(join(context, 'a.tar'), tar)
    const { root } = await built(t, `${FROM}ADD --chown=alice --chmod=777 a.tar /\n`, { context })
    assert.equal(lstatSync(join(root, 'tmp')).mode & 0o7777, 0o1777)
    const { uid, gid, mode } = lstatSync(join(root, 'tmp/inside'))
    assert.deepEqual([uid, gid, mode & 0o7777], [1000, 1000, 0o640])
  })

  test('names that hide files in a layer are names like others, which no layer can have', async (t) => {
    const context = temporaryDirectory(t)
    const hiding = buildTar([{ name: 'd/a', content: 'A' }, { name: 'd/.wh.a' }, { name: 'd/.wh..wh..opq' }])
    writeFileSync(join(context, 'hiding.tar'), hiding)
    await assert.rejects(built(t, `${FROM}ADD hiding.tar /x\n`, { context }), {
      message:
        /Gockerfile:2:1: ADD: reading "\/x\/d\/.wh..wh..opq" for a layer: a name that begins with .wh. means another file in a layer/,
    })
  })

  test('what is no archive, and what is not to be unpacked, is a file', async (t) => {
    const context = temporaryDirectory(t)
    writeFileSync(join(context, 'a.tar'), tar)
    writeFileSync(join(context, 'empty.tar'), '')
    writeFileSync(join(context, 'broken.tar.gz'), gzipSync(tar).subarray(0, 40))
    writeFileSync(join(context, 'text.gz'), gzipSync('no archive'))
    const { root } = await built(t, `${FROM}ADD empty.tar broken.tar.gz text.gz /x/\nADD --unpack=false a.tar /y/\nCOPY a.tar /z/\n`, {
      context,
    })
    assert.deepEqual(
      ['x/empty.tar', 'x/broken.tar.gz', 'x/text.gz', 'y/a.tar', 'z/a.tar'].map((path) => lstatSync(join(root, path)).isFile()),
      [true, true, true, true, true],
    )
  })

  test('cannot lead out of the stage', async (t) => {
    const context = temporaryDirectory(t)
    writeFileSync(join(context, 'a.tar'), buildTar([{ name: '../../escaped', content: 'x' }]))
    await assert.rejects(built(t, `${FROM}ADD a.tar /x\n`, { context }), { code: 'STEP_FAILED', message: /Gockerfile:2:1: ADD: .*escaped/ })
  })

  test('files of the context are taken as COPY takes them', async (t) => {
    const files = { 'd/a': 'A', 'd/b.md': 'B', c: 'C' }
    const { root } = await built(t, `${FROM}ADD --exclude=*.md --chmod=600 d c none* <<EOF /x/\nhere\nEOF\n`, { files })
    assert.deepEqual(listing(root, 'x'), ['600 0:0 x/EOF here', '600 0:0 x/a A', '600 0:0 x/c C'])
  })
})

describe('ADD of URLs', () => {
  const content = 'fetched'
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`

  test('is named by the URL, is closed to others, and is as old as the server says', async (t) => {
    const { url } = await serving(t, (request, response) => {
      if (request.url === '/moved/name%20x?query') return response.writeHead(302, { location: '/elsewhere' }).end()
      return response.writeHead(200, { 'last-modified': 'Sun, 09 Sep 2001 01:46:40 GMT' }).end(content)
    })
    const { root } = await built(t, `${FROM}ADD ${url}/moved/name%20x?query /x/\nADD --chmod=644 --chown=alice ${url}/a /y\n`)
    assert.deepEqual(listing(root, 'x'), ['600 0:0 x/name x fetched'])
    assert.equal(lstatSync(join(root, 'x/name x')).mtimeMs, 1_000_000_000_000)
    assert.ok(listing(root).includes('644 1000:1000 y fetched'))
  })

  test('is named by the server when the URL does not', async (t) => {
    const { url } = await serving(t, (_, response) =>
      response.writeHead(200, { 'content-disposition': 'attachment; filename="../said"' }).end(content),
    )
    const { root } = await built(t, `${FROM}ADD ${url} /x/\n`)
    assert.deepEqual(listing(root, 'x'), ['600 0:0 x/said fetched'])
  })

  test('is checked, and not fetched again when the checksum is known', async (t) => {
    const { url, count } = await serving(t, (_, response) => response.end(content))
    const gockerfile = `${FROM}ADD --checksum=${digest} ${url}/checked /x/\n`
    await built(t, gockerfile)
    await built(t, gockerfile)
    assert.equal(count(), 1)
    await assert.rejects(
      built(t, `${FROM}ADD --checksum=${digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'))} ${url}/other /x/\n`),
      {
        message: /Gockerfile:2:1: ADD: fetching http:.*\/other: its digest is sha256:\w+, expected sha256:/,
      },
    )
    await assert.rejects(built(t, `${FROM}ADD --checksum=${digest} a /x/\n`, { files: { a: '' } }), {
      code: 'SYNTAX',
      message: /--checksum is of one URL/,
    })
  })

  test('is known again by its content', async (t) => {
    let answer = 'one'
    const { url } = await serving(t, (_, response) => response.end(answer))
    const added = async () => {
      const { events } = await built(t, `${FROM}ADD ${url}/again /x/\n`)
      return events.some((event) => event.type === 'step-done' && event.cached)
    }
    assert.deepEqual([await added(), await added()], [false, true])
    answer = 'two'
    assert.equal(await added(), false)
  })

  test('is unpacked when that is asked for', async (t) => {
    const archive = gzipSync(buildTar([{ name: 'a', content: 'A' }]))
    const { url } = await serving(t, (_, response) => response.end(archive))
    const { root } = await built(t, `${FROM}ADD ${url}/a.tgz /x/\nADD --unpack=true ${url}/a.tgz /y/\n`)
    assert.deepEqual([lstatSync(join(root, 'x/a.tgz')).size, listing(root, 'y')], [archive.length, ['644 0:0 y/a A']])
  })

  test('says what the server answers, without the credentials of the URL', async (t) => {
    const { url } = await serving(t, (_, response) => response.writeHead(404).end())
    await assert.rejects(built(t, `${FROM}ADD ${url.replace('//', '//user:secret@')}/a /x/\n`), (error) => {
      assert.match((error as Error).message, /Gockerfile:2:1: ADD: fetching http:\/\/127.*: not found$/)
      return true
    })
  })
})

describe('ADD of repositories', () => {
  test('takes a branch, a tag, a commit and a directory, and leaves .git out', async (t) => {
    const { url, commit } = await repository(t)
    const gockerfile = `${FROM}ADD ${url} /head\nADD ${url}#v1 /tag\nADD --checksum=${commit.slice(0, 8)} ${url}#${commit}:docs /docs\nADD --keep-git-dir=true ${url}#side /side\n`
    const { root } = await built(t, gockerfile)
    assert.deepEqual(listing(root, 'head'), ['755 0:0 head/docs/', '644 0:0 head/docs/page second', '755 0:0 head/run x'])
    assert.deepEqual(listing(root, 'tag'), ['755 0:0 tag/docs/', '644 0:0 tag/docs/page first', '755 0:0 tag/run x'])
    assert.deepEqual(listing(root, 'docs'), ['644 0:0 docs/page first'])
    assert.equal(lstatSync(join(root, 'side/.git')).isDirectory(), true)
    assert.equal(lstatSync(join(root, 'head/run')).mtimeMs, 1_100_000_000_000)
  })

  test('says what is not there', async (t) => {
    const { url } = await repository(t)
    await assert.rejects(built(t, `${FROM}ADD ${url}#none /x\n`), { message: /Gockerfile:2:1: ADD: git:.*has no branch and no tag none/ })
    await assert.rejects(built(t, `${FROM}ADD ${url}#v1:none /x\n`), { message: /has no none at/ })
    await assert.rejects(built(t, `${FROM}ADD --checksum=abcdef ${url}#v1 /x\n`), { message: /is at commit \w+, expected abcdef/ })
    await assert.rejects(built(t, `${FROM}ADD ${url}?tga=v1 /x\n`), { code: 'SYNTAX', message: /\?tga= is not known/ })
  })
})

test('COPY takes neither URLs nor repositories', async (t) => {
  await assert.rejects(built(t, `${FROM}COPY https://example.org/a /x\n`), { code: 'SYNTAX', hint: 'ADD takes URLs and git repositories' })
})

async function serving(t: TestContext, answer: RequestListener): Promise<{ url: string; count: () => number }> {
  let count = 0
  const server = createServer((request, response) => {
    count++
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count }
}

/** A repository with two commits on its branch, a tag and another branch at the first, served by git's own daemon on loopback. */
async function repository(t: TestContext): Promise<{ url: string; commit: string }> {
  const base = temporaryDirectory(t)
  const directory = join(base, 'it.git')
  mkdirSync(directory)
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_COMMITTER_DATE: '1100000000 +0000',
    GIT_AUTHOR_DATE: '1100000000 +0000',
  }
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=T', '-c', 'user.email=t@example.org', ...words], {
      env,
      encoding: 'utf8',
    }).trim()
  const commit = (text: string) => {
    writeFileSync(join(directory, 'docs/page'), text)
    git('add', '.')
    git('commit', '--quiet', '-m', text)
    return git('rev-parse', 'HEAD')
  }
  git('init', '--quiet', '--initial-branch=main')
  mkdirSync(join(directory, 'docs'))
  writeFileSync(join(directory, 'run'), 'x', { mode: 0o755 })
  const first = commit('first')
  git('tag', '-a', '-m', 'one', 'v1')
  git('branch', 'side')
  commit('second')
  return { url: await daemon(t, base), commit: first }
}

async function daemon(t: TestContext, base: string): Promise<string> {
  const port = await freePort()
  const words = ['daemon', '--export-all', `--base-path=${base}`, '--listen=127.0.0.1', `--port=${port}`, '--reuseaddr', base]
  const child = spawn('git', words, { stdio: 'ignore', detached: true })
  t.after(() => process.kill(-(child.pid ?? 0)))
  while (!(await answers(port)));
  return `git://127.0.0.1:${port}/it.git`
}

async function freePort(): Promise<number> {
  const server = createPlainServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => setTimeout(() => resolve(false), 20))
  })
}
