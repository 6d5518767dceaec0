import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { openStore, type Store } from '@gocker/store'
import {
  buildTar,
  type Fault,
  type FaultProxy,
  type ImageInput,
  type ImageLayout,
  imageLayout,
  type ProxiedRequest,
  pushLayout,
  type Registry,
  startFaultProxy,
  startRegistry,
  temporaryDirectory,
} from '@gocker/testkit'
import { type PullOptions, pull } from '../pull.ts'
import { HASTY } from './image.ts'

const BARE = { HOME: '/nonexistent', PATH: '/nonexistent' }
export const BASE = buildTar([{ name: 'etc/' }, { name: 'etc/os-release', content: 'ID=test\n', mode: 0o600, uid: 7, gid: 8 }])
export const NOISE = randomBytes(3_000_000)
export const TOP = buildTar([{ name: 'noise', content: NOISE, mode: 0o4755 }, { name: 'etc/.wh.os-release' }])

export const registry: Registry = await startRegistry()
after(() => registry.stop())

let count = 0
/** Pushes an image as it is, under a name of its own. */
export async function pushed(
  t: TestContext,
  image: ImageInput | readonly ImageInput[],
  { host = registry.host } = {},
): Promise<{ name: string; layout: ImageLayout }> {
  const layout = imageLayout(temporaryDirectory(t), image, { tag: 'v1' })
  const name = `test/image-${++count}:v1`
  await pushLayout(layout, `http://${registry.host}/${name}`)
  return { name: `${host}/${name}`, layout }
}

export async function emptyStore(t: TestContext): Promise<Store> {
  const directory = temporaryDirectory(t)
  return openStore({ root: join(directory, 'root'), run: join(directory, 'run') })
}

export async function faultyProxy(t: TestContext, ...faults: Fault[]): Promise<FaultProxy> {
  const proxy = await startFaultProxy(registry.url, { faults })
  t.after(() => proxy.stop())
  return proxy
}

export function bring(name: string, store: Store, options: Partial<PullOptions> = {}): ReturnType<typeof pull> {
  return pull(name, { store, environment: BARE, retry: HASTY, ...options })
}

/** What can be seen of blobs and layers. */
export function contents(store: Store): { blobs: string[]; layers: string[] } {
  const list = (...path: string[]) => {
    const directory = join(store.paths.root, ...path)
    return existsSync(directory) ? readdirSync(directory).filter((name) => /^[0-9a-f]{64}$/.test(name)) : []
  }
  return { blobs: list('blobs', 'sha256'), layers: list('layers', 'sha256') }
}

/** The layers of an image of BASE and TOP. */
export function checkTree(store: Store, { images }: ImageLayout): void {
  const [base, top] = images[0]?.diffIds ?? []
  assert.ok(base !== undefined && top !== undefined)
  const files = store.layers.files()
  try {
    const [below = '', above = ''] = files.of([store.layers.path(base), store.layers.path(top)])
    const release = lstatSync(join(below, 'etc/os-release'))
    assert.deepEqual([release.mode & 0o7777, release.uid, release.gid], [0o600, 7, 8])
    assert.ok(readFileSync(join(above, 'noise')).equals(NOISE))
    assert.equal(lstatSync(join(above, 'noise')).mode & 0o7777, 0o4755)
    const whiteout = lstatSync(join(above, 'etc/os-release'))
    assert.ok(whiteout.isCharacterDevice() && whiteout.rdev === 0)
  } finally {
    files.close()
  }
}

/** The requests for the layers that reached the registry's own port. */
export function blobRequests(proxy: FaultProxy, layout: ImageLayout): ProxiedRequest[] {
  const layers = layout.images.flatMap(({ layers }) => layers.map(({ digest }) => digest as string))
  return proxy.requests.filter(({ server, path }) => server === 'registry' && layers.some((digest) => path.endsWith(digest)))
}

/** On the disk, in whatever files. */
export function bytesBelow(directory: string): number {
  return Number(execFileSync('du', ['-sb', directory], { encoding: 'utf8' }).split('\t')[0])
}
