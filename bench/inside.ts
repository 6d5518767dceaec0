import { spawnSync } from 'node:child_process'

const MARK = 'GOCKER_BENCH_INSIDE'

/** Whether this process has processes, mounts and a network of its own. */
export function isInside(): boolean {
  return process.env[MARK] === '1'
}

/**
 * Runs a command line again where processes, mounts, links and packet filters are its own: whatever the contestants leave of them is gone with
 * it, also when it is interrupted.
 * @returns the exit code
 */
export function runInside(command: readonly string[]): number {
  const script = 'ip link set lo up && exec "$@"'
  const own = ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']
  const words = [...own, 'sh', '-c', script, 'sh', ...command]
  const { status, error } = spawnSync('unshare', words, { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } })
  if (error !== undefined) throw error
  return status ?? 1
}
