import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Starts a program that the kernel kills when this process ends, however it ends, and that does not keep this process alive. For a worker,
 * the end of its thread counts.
 * @see https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
 */
export function spawnTied(command: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], options)
  child.unref()
  return child
}

/** Kills the process and waits until it is gone. */
export async function killTied(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.ref()
  child.kill('SIGKILL')
  await gone
}
