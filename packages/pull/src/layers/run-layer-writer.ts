import { parentPort } from 'node:worker_threads'
import { packSource } from '../containers/pack-source.ts'
import { placeFiles } from '../containers/place-files.ts'
import { PullError } from '../error.ts'
import { packTree } from '../pack/pack-tree.ts'
import { insideRoot } from './enter-root.ts'
import { writeImage } from './erofs/write-image.ts'
import { inflateFor } from './inflate-for.ts'
import { LayerWriter } from './layer-writer.ts'
import { ringReader } from './ring-reader.ts'
import { goesBack, type LayerTask, type LayerTaskResult, type LayerThreadMessage } from './thread-task.ts'
import { writingEntry } from './writing-entry.ts'

/**
 * All that a layer's thread does. A bundle's entry point calls it, and nothing else, where `workerData.role` is `gocker-layer-writer`.
 */
export function runLayerWriter(): void {
  parentPort?.on('message', (task: LayerTask) => {
    parentPort?.postMessage(perform(task))
    if (!goesBack(task)) parentPort?.close()
  })
}

function perform(task: LayerTask): LayerThreadMessage {
  try {
    return { done: work(task) }
  } catch (error) {
    if (!(error instanceof PullError)) throw error
    return { failed: { code: error.code, message: error.message, hint: error.hint } }
  }
}

function work(task: LayerTask): LayerTaskResult | undefined {
  if (task.kind === 'inflate') return inflateFor(task)
  if (task.kind === 'unpack') return unpack(task)
  if (task.kind === 'make-image') return writeImage(task, ringReader(task.ring, task.compression))
  if (task.kind === 'pack') return packTree(task)
  return task.kind === 'copy-from' ? packSource(task) : placeFiles(task)
}

function unpack({ directory, hidesFiles, compression, ring }: Extract<LayerTask, { kind: 'unpack' }>): LayerTaskResult {
  const archive = ringReader(ring, compression)
  const write = () => {
    const writer = new LayerWriter({ hidesFiles, replacesKinds: true })
    const read = archive.into(writer)
    return { ...read, entries: writer.finish() }
  }
  return writingEntry('./', () => insideRoot(directory, write))
}
