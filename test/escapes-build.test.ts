import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { buildTar, type TarPart, temporaryDirectory } from '@gocker/testkit'
import { BASE, buildFixture, contextOf } from './support/building.ts'

/**
 * Attacks on `build` that worked on others, by a Gockerfile, an image or a context: each is done here as it was done there, and has to come to
 * nothing. What races is tried a few times, and fails only where something of the host was reached.
 */

const { built } = buildFixture()

const FROM = `FROM ${BASE}\n`
const OUT = '../'.repeat(20)
const SECRET = 'of the host'

/** A directory of the host that no build has to do with. */
function outside(t: TestContext): string {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'secret'), SECRET)
  mkdirSync(join(directory, 'empty'))
  writeFileSync(join(directory, 'nothing'), '')
  return directory
}

function assertUntouched(directory: string): void {
  assert.deepEqual(readdirSync(directory).sort(), ['empty', 'nothing', 'secret'])
  assert.deepEqual(readdirSync(join(directory, 'empty')), [])
  assert.equal(readFileSync(join(directory, 'secret'), 'utf8'), SECRET)
}

/** Of all files below, no symlink followed. */
function textOf(path: string): string {
  const stats = lstatSync(path)
  if (stats.isDirectory())
    return readdirSync(path)
      .map((name) => textOf(join(path, name)))
      .join('\n')
  return stats.isFile() ? readFileSync(path, 'latin1') : ''
}

/** Builds, and passes over that it is refused; the image must have nothing of the host's. */
async function attempt(t: TestContext, gockerfile: string, options: Parameters<typeof built>[2] = {}): Promise<void> {
  try {
    const { root } = await built(t, gockerfile, options)
    for (const name of readdirSync(root)) assert.ok(name === 'bin' || !textOf(join(root, name)).includes(SECRET), `${gockerfile}: ${name}`)
  } catch (error) {
    if ((error as Error).name !== 'BuildError') throw error
  }
}

// With the hole, the command works in the host, or a directory is made there.
test('CVE-2024-21626: WORKDIR by way of a descriptor', async (t) => {
  const host = outside(t)
  for (const workdir of ['/proc/self/fd/7', '/proc/self/fd/4/made'])
    await assert.rejects(built(t, `${FROM}WORKDIR ${workdir}\nRUN cat ../../../../${host}/secret\n`), { name: 'BuildError' })
  assertUntouched(host)
})

// With the hole, the part of the cache that is mounted is a directory of the host by the time it is.
test('CVE-2024-23651: a directory of a cache that becomes a symlink while another step mounts it', async (t) => {
  const host = outside(t)
  const swap = 'mv /c/d /c/x; mv /c/l /c/d; mv /c/d /c/l; mv /c/x /c/d'
  const make = `mkdir -p /c/d; ln -sfn ${OUT}${host} /c/l`
  const reader = (source: string) =>
    `RUN --mount=type=cache,id=raced,${source}target=/t cat /t/secret /t/d/secret >>/got; touch /t/made; true\n`
  const gockerfile = `FROM ${BASE} AS swapper
RUN --mount=type=cache,id=raced,target=/c ${make}; i=0; while [ $i -lt 300 ]; do i=$((i + 1)); ${swap}; done; true
FROM ${BASE} AS reader
${[1, 2, 3].map((round) => `ENV round=${round}\n${reader('source=d,')}${reader('')}`).join('')}FROM ${BASE}
COPY --from=swapper /etc/passwd /one
COPY --from=reader /got* /two
`
  await attempt(t, gockerfile)
  assertUntouched(host)
})

// With the hole, what is removed behind a mount that is gone is what its path leads to on the host.
test('CVE-2024-23652: a mount point whose directory has become a symlink to the host', async (t) => {
  const host = outside(t)
  const step = (way: string, below: string, mount: string) =>
    `RUN --mount=type=${mount},target=${way}/${below} mv ${way} ${way}.gone && ln -s ${OUT}${host} ${way}\n`
  const steps = [
    step('/a', 'empty', 'tmpfs'),
    step('/b', 'nothing', 'secret,id=s'),
    step('/c', 'empty', 'cache,id=stub'),
    step('/d', 'made/deep', 'bind'),
  ]
  const { root } = await built(t, `${FROM}${steps.join('')}`, { secrets: { s: { value: 'x' } } })
  assert.equal(lstatSync(join(root, 'a')).isSymbolicLink(), true)
  assertUntouched(host)
})

// With the hole, a step has the rights of root of the host without having been given them.
test('CVE-2024-23653: no Gockerfile gives itself rights, and no frontend is fetched', async (t) => {
  await assert.rejects(built(t, `${FROM}RUN --security=insecure true\n`), { name: 'BuildError', message: /--security=insecure/ })
  const { config } = await built(t, `# syntax=registry.invalid/evil/frontend:latest\n${FROM}ENV a=b\nRUN ! mount -t tmpfs x /tmp\n`)
  assert.ok(config.Env?.includes('a=b'))
})

// With the hole, the root that a symlink of an image names, mounted into a step, is the host's.
test('CVE-2024-1753: a mount of an image whose directory is a symlink', async (t) => {
  const host = outside(t)
  const look = (source: string, number: number) =>
    `RUN --mount=type=bind,from=evil,source=${source},target=/t,rw cp -r /t/tmp /got${number}; cp /t${host}/secret /t/secret /got${number}; touch /t/made; true\n`
  for (const link of ['/', `${OUT}${host}`])
    await attempt(
      t,
      `FROM ${BASE} AS evil\nRUN ln -s ${link} /link && ln -s /link /again\n${FROM}${['/link', '/again'].map(look).join('')}`,
    )
  assertUntouched(host)
})

// With the hole, a mount spreads to the host, or a cache is any directory of it.
test('CVE-2024-9407, CVE-2024-9675: options and names of mounts', async (t) => {
  const host = outside(t)
  await assert.rejects(built(t, `${FROM}RUN --mount=type=bind,bind-propagation=shared,target=/t true\n`), { code: 'SYNTAX' })
  for (const id of [`${OUT}${host}`, host, '..', '../../..'])
    await attempt(t, `${FROM}RUN --mount=type=cache,id=${id},target=/t touch /t/made; cp /t/secret /got; true\n`)
  await attempt(t, `${FROM}RUN --mount=type=cache,target=/a/${OUT}${host} touch ${host}/made; true\n`)
  assertUntouched(host)
})

// With the hole, what is in the image is a file of the host that a directory of the context was swapped for.
test('a context that is changed while it is copied does not lead out of itself', async (t) => {
  const host = outside(t)
  const context = contextOf(t, { 'd/secret': 'decoy', 'd/more/secret': 'decoy' })
  mkdirSync(join(host, 'empty'), { recursive: true })
  symlinkSync(`${OUT}${host}`, join(context, 'l'))
  const swapper = spawn('sh', ['-c', 'while :; do mv d x; mv l d; mv d l; mv x d; done'], { cwd: context, stdio: 'ignore' })
  t.after(() => ended(swapper))
  const steps = [
    'COPY d /copied/',
    'COPY d/secret /copied/',
    'RUN --mount=target=/t,rw cp -r /t/d /copied',
    'RUN --mount=source=d/secret,target=/t,rw cp /t /copied',
  ]
  for (let round = 0; round < 2; round++)
    for (const step of [...steps, 'ADD d /copied/'])
      await attempt(t, `${FROM}ENV round=${round}\n${step}\n`, { context }).catch(isOfTheContext)
  await ended(swapper)
  assertUntouched(host)
})

/** It is not always there. */
function isOfTheContext(error: unknown): void {
  assert.match(`${error}`, /ENOENT|ENOTDIR|ELOOP|EXDEV|changes while/)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

// With the hole, an archive that ADD unpacks writes where a symlink, its own or the stage's, leads on the host.
test('an archive that is added does not lead out of the stage', async (t) => {
  const host = outside(t)
  const link: TarPart = { name: 'link', type: 'symlink', link: `${OUT}${host}` }
  const archives: readonly (readonly TarPart[])[] = [
    [link, { name: 'link/secret', content: 'changed' }],
    [link, { name: 'link/.wh.secret' }, { name: 'link/.wh..wh..opq' }],
    [link, { name: 'hard', type: 'hardlink', link: 'link/secret' }, { name: 'hard', content: 'changed' }],
    [{ name: 'hard', type: 'hardlink', link: `${OUT}${host}/secret` }],
    [{ name: `${OUT}${host}/secret`, content: 'changed' }],
    [{ name: `${host}/secret`, content: 'changed' }],
    [link, { name: 'link/', mode: 0o777 }, { name: 'link/made', content: 'x' }],
  ]
  const context = contextOf(t, {})
  for (const [index, parts] of archives.entries()) writeFileSync(join(context, `${index}.tar`), buildTar(parts))
  // Those that are refused, one by one, and the others together.
  for (const [way, numbers] of Object.entries({ '/a': [3], '/b': [4], '/c': [0, 1, 2, 5, 6] })) {
    const added = (to: string) => numbers.map((number) => `ADD ${number}.tar ${to}/${number}/\n`).join('')
    await attempt(t, `${FROM}${added(way)}`, { context })
    await attempt(t, `${FROM}RUN ln -s ${OUT}${host} ${way}\n${added(way)}ADD 0.tar ${way}/\n`, { context })
    assertUntouched(host)
  }
})
