import type { ChildProcess } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { makeTemporaryDirectory, removeTree } from '../temporary-directory.ts'
import { spawnTied } from '../tied-process.ts'
import { gockerCommand, gockerEnvironment } from './environment.ts'

export interface CommandOptions {
  /** Holds the store, the run directory and the home; a temporary one for this command alone when left out. */
  readonly root?: string
  /** More variables; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What stands on its standard input; nothing when left out. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
  /** What starts it: a program and its first arguments. */
  readonly under?: readonly string[]
  /** Milliseconds until it is killed, and the test fails; 120 000 unless said otherwise. */
  readonly timeout?: number
}

export interface CommandResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: Buffer
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly pid: number
  readonly result: Promise<CommandResult>
}

/**
 * Runs gocker as a child process.
 * @throws with its output, when it takes too long.
 */
export async function gocker(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  if (options.root !== undefined) return startGocker(args, { ...options, root: options.root }).result
  const root = makeTemporaryDirectory()
  try {
    return await startGocker(args, { ...options, root }).result
  } finally {
    removeTree(root)
  }
}

/** As `gocker`, for tests that do something while it runs. It dies with this process. */
export function startGocker(args: readonly string[], options: CommandOptions & { readonly root: string }): RunningCommand {
  return startCommand([...(options.under ?? []), ...gockerCommand(args)], { ...options, env: gockerEnvironment(options.root, options.env) })
}

/** Any program in the same manner; `env` is its whole environment. */
export function startCommand(command: readonly string[], options: Omit<CommandOptions, 'root'>): RunningCommand {
  const { env = process.env, cwd, input, timeout = 120_000 } = options
  const stdin = input === undefined ? 'ignore' : 'pipe'
  const child = spawnTied(command, { env, stdio: [stdin, 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) })
  child.ref()
  // A program that does not read all of its input is none of the test's business.
  child.stdin?.on('error', () => {}).end(input)
  return { child, pid: child.pid ?? 0, result: resultOf(child, command, timeout) }
}

async function resultOf(child: ChildProcess, command: readonly string[], timeout: number): Promise<CommandResult> {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, timeout)
  const closed = Promise.withResolvers<[number | null, NodeJS.Signals | null]>()
  child.once('error', closed.reject)
  child.once('close', (code, signal) => closed.resolve([code, signal]))
  try {
    const [stdoutBytes, stderrBytes, [code, signal]] = await Promise.all([read(child.stdout), read(child.stderr), closed.promise])
    const result = { code, signal, stdout: stdoutBytes.toString(), stderr: stderrBytes.toString(), stdoutBytes }
    if (isLate) throw new Error(`running ${command.join(' ')}: took over ${timeout} ms\n${result.stdout}\n${result.stderr}`)
    return result
  } finally {
    clearTimeout(timer)
  }
}

function read(stream: NodeJS.ReadableStream | null): Promise<Buffer> {
  return stream === null ? Promise.resolve(Buffer.alloc(0)) : buffer(stream)
}
