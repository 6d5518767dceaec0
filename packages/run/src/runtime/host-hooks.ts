import { spawn } from 'node:child_process'
import type { RuntimeHook } from '@gocker/oci'
import { hookFailed } from './hook-failure.ts'

/** What is kept of what a hook says. */
const LONGEST_OUTPUT = 4096

/**
 * Runs hooks one after the other, here, each with the container's state on stdin.
 * @param state JSON
 * @throws {RunError} `HOOK_FAILED` for the first that does not end well in its time
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks
 */
export async function runHostHooks(kind: string, hooks: readonly RuntimeHook[] = [], state: string): Promise<void> {
  for (const hook of hooks) await runHostHook(kind, hook, state)
}

async function runHostHook(kind: string, hook: RuntimeHook, state: string): Promise<void> {
  const { path, args = [path], env = [], timeout } = hook
  const [name = path, ...rest] = args
  const child = spawn(path, rest, { argv0: name, env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  const listen = (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-LONGEST_OUTPUT)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  // It need not read what it is told.
  child.stdin.on('error', () => {})
  child.stdin.end(state)
  const timer = timeout === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeout * 1000)
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  child.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code}`))
  child.on('exit', (code, signal) => resolve(code === 0 ? undefined : signal === null ? `exit status ${code}` : `killed by ${signal}`))
  const why = await promise
  clearTimeout(timer)
  // What it left behind may hold them open.
  child.stdout.destroy()
  child.stderr.destroy()
  if (why !== undefined) throw hookFailed({ kind, path, why: said.trim() === '' ? why : `${why}: ${said.trim()}` })
}

function environment(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]))
}
