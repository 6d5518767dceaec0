import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readMountInfo } from '@gocker/kernel'

export interface CrunPlace {
  /** What comes before the command line of crun, or of who calls it. */
  readonly prefix: readonly string[]
  close(): void
}

/**
 * crun refuses where cgroup v2 is mounted beside v1 and owns a controller. There it gets mounts of its own without v2, which are kept by a
 * process; entering them takes it a millisecond.
 */
export async function placeForCrun(): Promise<CrunPlace> {
  const v2 = readMountInfo().find(({ type, mountPoint }) => type === 'cgroup2' && mountPoint !== '/sys/fs/cgroup')
  if (v2 === undefined) return { prefix: [], close() {} }
  const script = 'umount "$0" && echo ready && exec sleep infinity'
  const holder = spawn('unshare', ['--mount', 'sh', '-c', script, v2.mountPoint], { stdio: ['ignore', 'pipe', 'inherit'] })
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])
  if (holder.exitCode !== null) throw new Error(`taking ${v2.mountPoint} away for crun: ended with ${holder.exitCode}`)
  return { prefix: ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, '--'], close: () => holder.kill('SIGKILL') }
}
