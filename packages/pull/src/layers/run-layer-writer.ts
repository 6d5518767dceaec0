import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { packSource } from '../containers/pack-source.ts'
import { placeFiles } from '../containers/place-files.ts'
import { PullError } from '../error.ts'
import { packTree } from '../pack/pack-tree.ts'
import { TarReader } from '../tar-reader/tar-reader.ts'
import { enterRoot } from './enter-root.ts'
import { LayerWriter } from './layer-writer.ts'
import { Ring } from './ring.ts'
import type { LayerTask, LayerTaskResult, LayerThreadMessage } from './thread-task.ts'
import { writingEntry } from './writing-entry.ts'

/**
 * All that a layer's thread does. A bundle's entry point calls it, and nothing else, where `workerData.role` is `gocker-layer-writer`.
 */
export function runLayerWriter(): void {
  const { task } = workerData as { task: LayerTask }
  parentPort?.postMessage(perform(task))
}

function perform(task: LayerTask): LayerThreadMessage {
  try {
    return { done: work(task) }
  } catch (error) {
    if (!(error instanceof PullError)) throw error
    return { failed: { code: error.code, message: error.message, hint: error.hint } }
  }
}

function work(task: LayerTask): LayerTaskResult {
  if (task.kind === 'unpack') return unpack(task)
  if (task.kind === 'pack') return packTree(task)
  return task.kind === 'copy-from' ? packSource(task) : placeFiles(task)
}

function unpack({ directory, hidesFiles, ring: memory }: Extract<LayerTask, { kind: 'unpack' }>): LayerTaskResult {
  const hash = createHash('sha256')
  const ring = new Ring(memory)
  writingEntry('./', () => enterRoot(directory))
  const writer = new LayerWriter({ hidesFiles, replacesKinds: true })
  const reader = new TarReader(writer)
  let size = 0
  for (let slot = ring.waitForFilled(); slot !== null; slot = ring.waitForFilled()) {
    hash.update(slot)
    reader.write(slot)
    size += slot.length
    ring.empty()
  }
  reader.close()
  return { entries: writer.finish(), size, diffID: `sha256:${hash.digest('hex')}` }
}
