import { type ChildProcess, execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { makeTemporaryDirectory, removeTree } from '../temporary-directory.ts'
import { killTied, spawnTied } from '../tied-process.ts'
import { gockerCommand, gockerEnvironment } from './environment.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface TerminalOptions {
  /** 80 columns and 24 rows unless said otherwise. */
  readonly size?: TerminalSize
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** A program on a terminal, as a person has it: tmux draws the screen. */
export interface Terminal extends AsyncDisposable {
  /** The screen's text; with `colours`, its escape sequences too. */
  screen(options?: { readonly colours?: boolean }): Promise<string>
  /** Types; a line feed is the return key. */
  type(text: string): Promise<void>
  /** Presses keys as tmux names them: `C-c`, `Enter`, `Up`. */
  press(...keys: string[]): Promise<void>
  resize(size: TerminalSize): Promise<void>
  /** Waits until the screen fits, and gives it. @throws with the screen when that takes over `timeout` ms (20 000) */
  waitFor(pattern: RegExp, timeout?: number): Promise<string>
  /** Waits until the program has ended. The screen stays. */
  exited(): Promise<{ readonly code: number | undefined; readonly signal: number | undefined }>
  /** Ends the program with its terminal. */
  stop(): Promise<void>
}

/** gocker on a terminal. */
export function gockerTerminal(
  args: readonly string[],
  { root, env, ...options }: TerminalOptions & { readonly root: string },
): Promise<Terminal> {
  return openTerminal(gockerCommand(args), { ...options, env: gockerEnvironment(root, env) })
}

/** Any program on a terminal. It ends with this process. @param options `env` is its whole environment */
export async function openTerminal(command: readonly string[], options: TerminalOptions = {}): Promise<Terminal> {
  const server = await startServer(options.env ?? process.env)
  try {
    const { columns, rows } = options.size ?? { columns: 80, rows: 24 }
    const where = options.cwd === undefined ? [] : ['-c', options.cwd]
    await server.tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, ...where, '--', ...command)
  } catch (error) {
    await server.stop()
    throw error
  }
  return terminalOf(server)
}

interface Server {
  tmux(...args: readonly string[]): Promise<string>
  /** Has it ask how its programs ended. */
  reap(): void
  stop(): Promise<void>
}

/** A dead program's screen and exit status stay to be read; nothing is drawn but the program's own. */
const SETTINGS = `
set -g remain-on-exit on
set -g remain-on-exit-format ""
set -g status off
set -g default-terminal screen-256color
set -s escape-time 0
set -g history-limit 10000
`

/** A tmux server of this terminal's own; not a daemon, so that it dies with this process. */
async function startServer(env: NodeJS.ProcessEnv): Promise<Server> {
  const directory = makeTemporaryDirectory()
  const [socket, settings] = [join(directory, 'socket'), join(directory, 'settings')]
  writeFileSync(settings, SETTINGS)
  const { TMUX: _, ...clean } = env
  const child = spawnTied(['tmux', '-D', '-S', socket, '-f', settings], { env: { ...clean, LC_ALL: 'C.UTF-8' }, stdio: 'ignore' })
  while (!existsSync(socket) && child.exitCode === null) await delay(5)
  return {
    tmux: async (...args) => (await promisify(execFile)('tmux', ['-S', socket, ...args])).stdout,
    reap: () => void child.kill('SIGCHLD'),
    stop: () => stopServer(child, directory),
  }
}

async function stopServer(child: ChildProcess, directory: string): Promise<void> {
  await killTied(child)
  removeTree(directory)
}

function terminalOf({ tmux, reap, stop }: Server): Terminal {
  const screen = ({ colours = false } = {}) => tmux('capture-pane', '-p', ...(colours ? ['-e'] : []))
  return {
    screen,
    type: async (text) => void (await tmux('send-keys', '-l', '--', text.replaceAll('\n', '\r'))),
    press: async (...keys) => void (await tmux('send-keys', '--', ...keys)),
    resize: async ({ columns, rows }) => void (await tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`)),
    waitFor: (pattern, timeout = 20_000) => waitForScreen(screen, pattern, timeout),
    exited: () => waitForExit(tmux, reap),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function waitForScreen(screen: () => Promise<string>, pattern: RegExp, timeout: number): Promise<string> {
  const end = Date.now() + timeout
  for (;;) {
    const text = await screen()
    if (text.search(pattern) >= 0) return text
    if (Date.now() > end) throw new Error(`waiting for ${pattern} on the screen: it shows\n${text}`)
    await delay(30)
  }
}

/**
 * That the terminal is closed, and so all that was said is drawn, and how the program ended become known in either order. tmux now and
 * then misses that a program has ended, and would never say how.
 */
async function waitForExit(tmux: Server['tmux'], reap: Server['reap']): Promise<{ code: number | undefined; signal: number | undefined }> {
  for (;;) {
    const shown = await tmux('display-message', '-p', '#{pane_dead},#{pane_dead_status},#{pane_dead_signal}')
    const [dead, code, signal] = shown.trim().split(',').map(numberOf)
    const isKnown = code !== undefined || signal !== undefined
    if (dead === 1 && isKnown) return { code, signal }
    if (dead === 1) reap()
    await delay(30)
  }
}

function numberOf(text: string): number | undefined {
  return text === '' ? undefined : Number(text)
}
