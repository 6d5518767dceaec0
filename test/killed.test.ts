import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  buildTar,
  busyboxRootfs,
  gocker,
  leaks,
  makeTemporaryDirectory,
  removeTree,
  startGocker,
  temporaryDirectory,
} from '@gocker/testkit'
import { NOTHING, pullFixture, storeContents, succeeded } from './support/pulling.ts'

const TIMES = 20

const { pushed, proxy } = await pullFixture()

/** What the command under test does, and what a store must hold before and after it. */
interface Killed {
  readonly root: string
  readonly command: readonly string[]
  /** Milliseconds that it takes about, at most: it is killed before that, or shortly after. Where it is quicker, so are we. */
  readonly length: number
  /** Undoes a success, so that the next one has something to do. */
  readonly undo?: () => Promise<void>
  /** Looks at what the command has made when it was let. */
  readonly check?: () => Promise<void>
}

/**
 * Kills the command at random moments. After each: the store reads as a whole, by us and by skopeo. After all: the command works, and
 * `system prune` leaves nothing of what was killed.
 */
async function killAgainAndAgain({ root, command, length, undo, check }: Killed): Promise<void> {
  const watch = leaks(root)
  let killed = 0
  let longest = length
  for (let time = 0; time < TIMES; time++) {
    const started = performance.now()
    const running = startGocker(command, { root })
    await Promise.race([delay(Math.random() * longest), running.result])
    running.child.kill('SIGKILL')
    if ((await running.result).signal === 'SIGKILL') killed++
    else longest = Math.min(longest, performance.now() - started)
    await readsWell(root)
    await undo?.()
  }
  assert.ok(killed > TIMES / 4, `it was killed ${killed} times`)
  succeeded(await gocker(command, { root }))
  await check?.()
  succeeded(await gocker(['system', 'prune'], { root }))
  await watch.assertNone()
  assert.deepEqual(leftInStore(root), [])
  succeeded(await gocker(['system', 'prune', '--all'], { root }))
  assert.deepEqual(await storeContents(root), NOTHING)
}

/** Every image that is listed can be inspected, and all its parts are there; skopeo finds those that have a name. */
async function readsWell(root: string): Promise<void> {
  const { stdout } = succeeded(await gocker(['images', '--format', 'json'], { root }))
  for (const line of stdout.split('\n').filter((line) => line !== '')) {
    const { ID, Repository, Tag } = JSON.parse(line)
    const [image] = JSON.parse(succeeded(await gocker(['inspect', ID], { root })).stdout)
    for (const diffID of image.RootFS.Layers)
      assert.ok(existsSync(join(root, 'store/layers/sha256', diffID.slice(7))), `${diffID} is there`)
    for (const { digest } of [image.Manifest.config, ...image.Manifest.layers])
      assert.ok(existsSync(join(root, 'store/blobs/sha256', digest.slice(7))), `${digest} is there`)
    // What was built and finished before is without a name when it is built again.
    if (Tag === '<none>') continue
    const name = /^[^/]*[.:]/.test(Repository) ? Repository : `docker.io/library/${Repository}`
    execFileSync('skopeo', ['inspect', `oci:${root}/store:${name}:${Tag}`], { stdio: 'pipe' })
  }
}

/** What a command that was killed may leave until the prune: nothing of it is an image's. */
function leftInStore(root: string): string[] {
  const below = (...path: string[]) =>
    existsSync(join(root, ...path)) ? readdirSync(join(root, ...path)).map((name) => join(...path, name)) : []
  const half = [...below('store/tmp'), ...below('store/containers')]
  const layers = below('store/layers/sha256')
  const odd = [...layers, ...below('store/blobs/sha256')].filter((path) => !/\/[0-9a-f]{64}$/.test(path) && !isImageOf(path, layers))
  return [...half, ...odd]
}

/** A layer's image, where the layer is. */
function isImageOf(path: string, layers: readonly string[]): boolean {
  return path.endsWith('.erofs') && layers.includes(path.slice(0, -'.erofs'.length))
}

/** A store that holds a base image already. */
async function storeWithBase(): Promise<string> {
  const root = makeTemporaryDirectory()
  after(() => removeTree(root))
  succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { root, input: busyboxRootfs() }))
  return root
}

test('a pull that is killed', { timeout: 120_000 }, async (t) => {
  const layers = [0, 1, 2].map((index) => buildTar([{ name: `noise-${index}`, content: randomBytes(400_000) }]))
  const { name } = await pushed(t, { layers })
  const slow = await proxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 2_000_000 })
  const root = await storeWithBase()
  const full = `${slow.host}/${name}`
  const undo = async () => void (await gocker(['rmi', full], { root }))
  await killAgainAndAgain({ root, command: ['pull', full], length: 500, undo })
})

test('a build that is killed', { timeout: 120_000 }, async (t) => {
  const root = await storeWithBase()
  const context = contextOf(t)
  const command = ['build', '--network', 'none', '--no-cache', '-t', 'built', context]
  const check = async () => {
    const counted = succeeded(await gocker(['run', '--rm', 'built', 'wc', '-c', '/made'], { root }))
    assert.equal(counted.stdout, '3000000 /made\n')
  }
  await killAgainAndAgain({ root, command, length: 700, check })
})

function contextOf(t: TestContext): string {
  const context = temporaryDirectory(t)
  mkdirSync(join(context, 'files'))
  for (let index = 0; index < 50; index++) writeFileSync(join(context, 'files', `${index}`), randomBytes(20_000))
  const run = 'RUN sleep 0.1; head -c 3000000 /dev/zero > /made; sleep 0.1'
  writeFileSync(join(context, 'Gockerfile'), `FROM base\nCOPY files /files\n${run}\nCOPY files /again\n`)
  return context
}

test('a run that is killed', { timeout: 120_000 }, async () => {
  const root = await storeWithBase()
  const script = 'sleep 0.05; echo x > /written; sleep 1000 & sleep 0.1'
  await killAgainAndAgain({ root, command: ['run', '--rm', '--memory', '64m', 'base', 'sh', '-c', script], length: 400 })
})
