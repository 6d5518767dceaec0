import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { importImage } from '@gocker/pull'
import { buildTar, busyboxRootfs, compress, type TarPart, temporaryDirectory } from '@gocker/testkit'
import { type Buildah, isBuildahThere, openBuildah } from './support/buildah.ts'
import { BASE, buildFixture } from './support/building.ts'
import { differences } from './support/comparing.ts'

/**
 * Each directory of test/dockerfiles is a context with a Dockerfile, built by gocker and by buildah. What Debian's buildah does not
 * know yet is said to it in other words, in `Dockerfile.buildah`.
 */
const DOCKERFILES = fileURLToPath(new URL('dockerfiles', import.meta.url))

const BUILD_ARGS: Readonly<Record<string, Readonly<Record<string, string>>>> = { 'arg-scopes': { GIVEN: 'by hand', NAME: 'given' } }
const TARGETS: Readonly<Record<string, string>> = { 'multi-stage-target': 'compile' }

/** What a checkout cannot hold. */
const MORE: Readonly<Record<string, (context: string) => void>> = {
  'add-archives': addArchives,
  'copy-directories': addLinksAndModes,
  names: addNames,
}

/** Left in every image by a buildah that mounts on them where they are missing. */
const THEIRS = ['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/run']

const skip = isBuildahThere() ? false : 'needs buildah'
const fixture = buildFixture()

/** A base that has something to do whenever it is built on. */
const TRIGGERING = 'triggering-of-tests:latest'
const TRIGGERS = ['COPY file /app/', 'RUN cat /app/file > /triggered', 'ENV TRIGGERED=yes'].map((words) => `ONBUILD ${words}`)

let opened: Promise<Buildah> | undefined
after(async () => (await opened)?.close())

/** The other builder, with gocker's bases. */
async function openWithBases(): Promise<Buildah> {
  const store = fixture.store()
  const changes = ['ENV PATH=/bin', 'CMD ["sh"]', ...TRIGGERS]
  await importImage({ source: chunks(busyboxRootfs()), store, reference: TRIGGERING, changes })
  const buildah = openBuildah()
  for (const name of [BASE, TRIGGERING]) buildah.takeImage(store.paths.root, name)
  return buildah
}

for (const name of readdirSync(DOCKERFILES))
  test(`${name}: gocker makes of it what buildah makes of it`, { skip }, async (t) => {
    opened ??= openWithBases()
    const buildah = await opened
    const context = contextOf(t, name)
    const input = { context, ...optionsOf(name) }
    const ours = await fixture.built(t, readFileSync(join(context, 'Dockerfile'), 'utf8'), input)
    const theirs = await buildah.build({ ...input, file: dockerfileFor('buildah', context) })
    assert.deepEqual(differences(ours, theirs, THEIRS), [])
  })

function optionsOf(name: string) {
  const [buildArgs, target] = [BUILD_ARGS[name], TARGETS[name]]
  return { ...(buildArgs !== undefined && { buildArgs }), ...(target !== undefined && { target }) }
}

function contextOf(t: TestContext, name: string): string {
  const context = join(temporaryDirectory(t), 'context')
  execFileSync('cp', ['-a', join(DOCKERFILES, name), context])
  MORE[name]?.(context)
  return context
}

function dockerfileFor(builder: string, context: string): string {
  const own = join(context, `Dockerfile.${builder}`)
  return existsSync(own) ? own : join(context, 'Dockerfile')
}

const ARCHIVED: readonly TarPart[] = [
  { name: 'file', content: 'archived\n', mode: 0o640, uid: 1000, gid: 50 },
  { name: 'private/', mode: 0o700, uid: 12, gid: 34 },
  { name: 'private/deep/file', content: 'deep\n', mode: 0o4755 },
  { name: 'link', type: 'symlink', link: 'private/deep' },
  { name: 'same', type: 'hardlink', link: 'file', mode: 0o640, uid: 1000, gid: 50 },
]

function addArchives(context: string): void {
  writeFileSync(join(context, 'plain.tar'), buildTar(ARCHIVED))
  writeFileSync(join(context, 'packed.tar.gz'), compress(buildTar([{ name: 'packed', content: 'packed\n' }]), 'gzip'))
  writeFileSync(join(context, 'empty.tar'), buildTar([]))
}

function addLinksAndModes(context: string): void {
  mkdirSync(join(context, 'tree/empty'), { mode: 0o711 })
  linkSync(join(context, 'tree/a'), join(context, 'tree/same'))
  chmodSync(join(context, 'tree/deep'), 0o1775)
  chmodSync(join(context, 'tree/flat/d'), 0o750)
}

function addNames(context: string): void {
  mkdirSync(join(context, 'dir/-dash'), { recursive: true })
  const long = 'long'.repeat(60)
  for (const file of [
    'b c',
    "it's",
    'ünïcode',
    'dir/"quoted"',
    'dir/$dollar',
    'dir/new\nline',
    'dir/-dash/--flag',
    'dir/back\\slash',
    long,
  ])
    writeFileSync(join(context, file), `${file}\n`)
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}
