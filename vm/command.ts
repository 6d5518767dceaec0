import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface QuietOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
}

/**
 * Runs a program, politely to whoever else works here, and ends it with this process.
 * @returns its standard output
 * @throws with what it said when it does not succeed
 */
export async function runQuietly(command: readonly string[], { env = {}, signal }: QuietOptions = {}): Promise<string> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'nice', '-n', '15', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    ...(signal && { signal, killSignal: 'SIGKILL' }),
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new Error(`running ${command.slice(0, 2).join(' ')}: ended with ${code}\n${stderr.slice(-4000)}`)
  return stdout
}
