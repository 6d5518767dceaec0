import { chmodSync, closeSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { CLONE_FLAGS, chroot, MOUNT_FLAGS, mount, mountOverlay, OPEN_FLAGS, umask, unshare } from '@gocker/kernel'
import type { CopyJob, CopyThreadData } from './copy-job.ts'
import { Placer } from './placer.ts'

/**
 * The body of the copying thread. It takes its own view of the file system and its own mounts, mounts the stage there, and makes it its
 * root: each path, and each symlink met half way, then leads nowhere but into the stage. The mount goes with the thread.
 */
export function runCopyThread(): void {
  try {
    copyIntoStage(workerData as CopyThreadData)
    parentPort?.postMessage({ ok: true })
  } catch (error) {
    const { code, message, stack } = error as NodeJS.ErrnoException
    parentPort?.postMessage({ ok: false, code, message, stack })
  }
}

function copyIntoStage({ job, stop }: CopyThreadData): void {
  const roots = job.roots.map((root) => openSync(root, OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY | OPEN_FLAGS.O_CLOEXEC))
  try {
    enterStage(job)
    new Placer(job, roots, () => Atomics.load(stop, 0) !== 0).placeAll()
  } finally {
    for (const root of roots) closeSync(root)
  }
}

function enterStage({ overlay }: CopyJob): void {
  const isAlone = overlay.lowers.length === 0
  unshare(CLONE_FLAGS.CLONE_FS | (isAlone ? 0 : CLONE_FLAGS.CLONE_NEWNS))
  if (isAlone) chmodSync(overlay.upper, 0o755)
  else mountStage(overlay)
  chroot(isAlone ? overlay.upper : overlay.target)
  // Modes are given in full.
  umask(0)
}

function mountStage(overlay: CopyJob['overlay']): void {
  mount({ source: 'none', target: '/', flags: MOUNT_FLAGS.MS_REC | MOUNT_FLAGS.MS_PRIVATE })
  mountOverlay(overlay)
}
