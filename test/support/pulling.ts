import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { parseDigest } from '@gocker/oci'
import { openStore } from '@gocker/store'
import {
  type CommandResult,
  type Fault,
  type FaultProxy,
  gocker,
  type ImageInput,
  type ImageLayout,
  imageLayout,
  pushLayout,
  type Registry,
  startFaultProxy,
  startRegistry,
  temporaryDirectory,
} from '@gocker/testkit'

/** A registry for the tests of one file, and a proxy that injects faults before it. */
export interface PullFixture {
  readonly registry: Registry
  /** Pushes an image under a name of its own, without the registry's host. */
  pushed(t: TestContext, image: ImageInput | readonly ImageInput[]): Promise<{ name: string; layout: ImageLayout }>
  proxy(t: TestContext, ...faults: readonly Fault[]): Promise<FaultProxy>
}

export async function pullFixture(): Promise<PullFixture> {
  const registry = await startRegistry()
  after(() => registry.stop())
  let count = 0
  return {
    registry,
    pushed: async (t, image) => {
      const layout = imageLayout(temporaryDirectory(t), image)
      const name = `test/image-${++count}`
      await pushLayout(layout, `${registry.url}/${name}:latest`)
      return { name, layout }
    },
    proxy: async (t, ...faults) => {
      const proxy = await startFaultProxy(registry.url, { faults })
      t.after(() => proxy.stop())
      return proxy
    },
  }
}

/** Fails with what gocker said where it did not succeed. */
export function succeeded(result: CommandResult): CommandResult {
  assert.equal(result.code, 0, `${result.stdout}${result.stderr}`)
  return result
}

/** Checks that gocker failed with 125, nothing on stdout, and one line that fits, besides hints and what it did until then. */
export function failedWith({ code, stdout, stderr }: CommandResult, pattern: RegExp): void {
  assert.deepEqual([code, stdout], [125, ''], stderr)
  const lines = stderr.split('\n').filter((line) => line.startsWith('gocker: '))
  assert.equal(lines.length, 1, stderr)
  assert.match(lines[0] ?? '', pattern)
  assert.doesNotMatch(stderr, /^ +at /m)
}

/** What can be seen of blobs, layers and images in the store of `root`. */
export async function storeContents(root: string): Promise<{ blobs: string[]; layers: string[]; images: string }> {
  const list = (...path: string[]) => {
    const directory = join(root, 'store', ...path)
    return existsSync(directory) ? readdirSync(directory).filter((name) => /^[0-9a-f]{64}$/.test(name)) : []
  }
  const { stdout } = succeeded(await gocker(['images', '--format', 'json'], { root }))
  return { blobs: list('blobs', 'sha256'), layers: list('layers', 'sha256'), images: stdout }
}

/** Where the files of a layer can be read while the test runs, whatever form it has. */
export async function layerFiles(t: TestContext, root: string, diffID = 'sha256:'): Promise<string> {
  const { layers } = await openStore({ root: join(root, 'store'), run: join(root, 'run') })
  const files = layers.files()
  t.after(() => files.close())
  // For other processes, too.
  return (files.of([layers.path(parseDigest(diffID))])[0] ?? '').replace('/proc/self/', `/proc/${process.pid}/`)
}

export const NOTHING = { blobs: [], layers: [], images: '' }
