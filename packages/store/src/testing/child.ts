import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Store } from '../index.ts'

/** Runs one of the tasks in tasks.ts in a process of its own, on the same store. */
export function startTask({ paths }: Store, task: string, ...args: string[]): ChildProcess {
  const script = fileURLToPath(new URL('./tasks.ts', import.meta.url))
  return spawn(process.execPath, [script, paths.root, paths.run, task, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Waits until the task has said that it is at work. */
export async function atWork(child: ChildProcess): Promise<void> {
  const [said] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')])
  if (!Buffer.isBuffer(said)) throw new Error(`the task ended with ${said} before it was at work`)
}

export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

export async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await ended(child)
}
