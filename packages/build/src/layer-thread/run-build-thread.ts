import { closeSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { OPEN_FLAGS } from '@gocker/kernel'
import { packRoot } from '@gocker/pull'
import type { CopyJob } from '../copy/copy-job.ts'
import { Placer } from '../copy/placer.ts'
import { OwnRoot } from './own-root.ts'
import type { BuildThreadData, LayerJob, LayerJobAnswer } from './thread-job.ts'

/** The body of a thread that makes layers: one job after the other, until it is ended. */
export function runBuildThread(): void {
  const { stop } = workerData as BuildThreadData
  const isStopped = () => Atomics.load(stop, 0) !== 0
  let root: OwnRoot | undefined
  parentPort?.on('message', (job: LayerJob) => {
    parentPort?.postMessage(
      answerOf(() => {
        root ??= new OwnRoot()
        return job.kind === 'copy' ? copy(job.copy, root, isStopped) : pack(job, root)
      }),
    )
  })
}

interface Done {
  readonly result?: unknown
  readonly isFree: boolean
}

function answerOf(work: () => Done): LayerJobAnswer {
  try {
    const { result, isFree } = work()
    return { ok: true, result, isFree }
  } catch (error) {
    const { code, message, hint } = error as NodeJS.ErrnoException & { hint?: string }
    return { ok: false, code, message, hint }
  }
}

function copy(job: CopyJob, root: OwnRoot, isStopped: () => boolean): Done {
  const roots = job.roots.map((directory) => openSync(directory, OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY | OPEN_FLAGS.O_CLOEXEC))
  try {
    return { isFree: root.withinStage(job.overlay, () => new Placer(job, roots, isStopped).placeAll()) }
  } finally {
    for (const directory of roots) closeSync(directory)
  }
}

function pack({ directory, ring, options }: Extract<LayerJob, { kind: 'pack' }>, root: OwnRoot): Done {
  let result: unknown
  const isFree = root.within(directory, () => {
    result = packRoot(ring, options)
  })
  return { result, isFree }
}
