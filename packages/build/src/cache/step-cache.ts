import { readFileSync, utimesSync } from 'node:fs'
import { digestHex, digestOf } from '@gocker/oci'
import { type Store, writeFileAtomic } from '@gocker/store'
import type { BuiltLayer } from '../stage/built-layer.ts'

/** What a step came to the last time: the layer that it made, if it made one. */
export interface StepResult {
  readonly layer?: BuiltLayer
  /** ISO 8601. */
  readonly created: string
}

/** Results of steps by the digest of all that they depend on; shared by all builds of a store. */
export interface StepCache {
  find(key: string): Promise<StepResult | undefined>
  remember(key: string, result: StepResult): Promise<void>
}

/** Whatever changes what a key stands for goes in here. */
const FORMAT = 1

/** The key of a step that depends on `inputs`, and on nothing else. */
export function stepKey(inputs: Readonly<Record<string, unknown>>): string {
  return digestHex(digestOf(JSON.stringify({ format: FORMAT, ...inputs })))
}

export function stepCache(store: Store): StepCache {
  return {
    async find(key) {
      const path = store.paths.buildCache(key)
      const result = readResult(path)
      if (result === undefined || !(await isWhole(store, result))) return undefined
      noteUse(path)
      return result
    },
    async remember(key, result) {
      const kept = result.layer === undefined ? {} : { layers: [result.layer.diffID], blobs: [result.layer.descriptor.digest] }
      await writeFileAtomic(store.paths.buildCache(key), `${JSON.stringify({ ...kept, result })}\n`)
    },
  }
}

async function isWhole(store: Store, { layer }: StepResult): Promise<boolean> {
  return layer === undefined || ((await store.layers.has(layer.diffID)) && (await store.blobs.has(layer.descriptor.digest)))
}

/** The file's time says when it was used last. It may be pruned meanwhile: what it names stays until this build has ended. */
function noteUse(path: string): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function readResult(path: string): StepResult | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { result: StepResult }).result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
