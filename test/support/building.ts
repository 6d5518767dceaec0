import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { type BuildEvent, type BuildOptions, build } from '@gocker/build'
import { mountOverlay, unmount } from '@gocker/kernel'
import type { ContainerConfig } from '@gocker/oci'
import { importImage } from '@gocker/pull'
import { openStore, type Store, type StoredImage } from '@gocker/store'
import { busyboxRootfs, makeTemporaryDirectory, removeTree, temporaryDirectory } from '@gocker/testkit'

/** The name of the image that tests build on. */
export const BASE = 'busybox-of-tests:latest'

/** A file of a context: its content, or more of it. A name that ends with / is a directory. */
export type ContextFile = string | { readonly content?: string; readonly mode?: number }

export interface Built {
  readonly image: StoredImage
  readonly config: ContainerConfig
  /** What the image's file system is mounted on, until the test ends. */
  readonly root: string
  readonly events: readonly BuildEvent[]
}

export interface BuildFixture {
  readonly store: () => Store
  /** Of the command, for the same store. */
  readonly root: string
  /** Builds a Gockerfile in a context of its own. */
  built(t: TestContext, gockerfile: string, options?: BuildInput): Promise<Built>
}

export interface BuildInput extends Partial<Omit<BuildOptions, 'store' | 'context' | 'onEvent'>> {
  readonly files?: Readonly<Record<string, ContextFile>>
  /** A context that is there already; without it one is made of `files`. */
  readonly context?: string
}

/** A store for the tests of one file, with a base image in it. */
export function buildFixture(): BuildFixture {
  const root = makeTemporaryDirectory()
  let store: Store | undefined
  before(async () => {
    store = await openStore({ root: join(root, 'store'), run: join(root, 'run') })
    const changes = ['ENV PATH=/bin', 'CMD ["sh"]']
    await importImage({ source: chunks(busyboxRootfs()), store, reference: BASE, changes })
  })
  after(() => removeTree(root))
  const opened = () => {
    if (store === undefined) throw new Error('the store is opened before the first test')
    return store
  }
  return {
    store: opened,
    root,
    async built(t, gockerfile, { files = {}, context = contextOf(t, files), ...options } = {}) {
      const events: BuildEvent[] = []
      const file = join(temporaryDirectory(t), 'Gockerfile')
      writeFileSync(file, gockerfile)
      const image = await build({ store: opened(), context, file, network: 'none', ...options, onEvent: (event) => events.push(event) })
      return { image, config: image.config.config ?? {}, root: mounted(t, opened(), image), events }
    },
  }
}

/** A context directory with these files, which are root's. */
export function contextOf(t: TestContext, files: Readonly<Record<string, ContextFile>>): string {
  const context = temporaryDirectory(t)
  for (const [name, file] of Object.entries(files)) {
    const { content = '', mode } = typeof file === 'string' ? { content: file } : file
    const path = join(context, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, content)
    if (mode !== undefined) chmodSync(path, mode)
  }
  return context
}

/** Every file below a directory, with what `ls -l` would show of it: `755 0:0 dir/`, `644 0:0 file content`, `link -> target`. */
export function listing(root: string, below = ''): string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name)
      const stats = lstatSync(join(root, path))
      const facts = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid} ${path}`
      if (stats.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(root, path))}`]
      if (stats.isDirectory()) return [`${facts}/`, ...listing(root, path)]
      return [stats.isFile() ? `${facts} ${readFileSync(join(root, path), 'utf8').trimEnd()}`.trimEnd() : facts]
    })
}

function mounted(t: TestContext, store: Store, { layers }: StoredImage): string {
  const [target, nothing] = [makeTemporaryDirectory(), makeTemporaryDirectory()]
  const lowers = store.layers.stack(layers)
  mountOverlay({ lowers: [...lowers, nothing], images: store.layers.images(lowers), target })
  t.after(() => {
    unmount(target)
    removeTree(target)
    removeTree(nothing)
  })
  return target
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}
