import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  busyboxRootfs,
  type CommandOptions,
  type CommandResult,
  debianRootfs,
  gocker,
  gockerTerminal,
  type Leaks,
  leaks,
  makeTemporaryDirectory,
  openTerminal,
  type RunningCommand,
  removeTree,
  startGocker,
  type Terminal,
} from '@gocker/testkit'

export type Image = 'busybox' | 'debian'
export type RunOptions = Omit<CommandOptions, 'root'>

/** A store for the tests of one file, with images in it. After them nothing may be left that was not there before. */
export interface RunFixture {
  /** Holds the store, the run directory and the home. */
  readonly root: string
  /** `gocker` with the store. */
  gocker(words: readonly string[], options?: RunOptions): Promise<CommandResult>
  /** `gocker run --rm`. */
  run(words: readonly string[], options?: RunOptions): Promise<CommandResult>
  /** What `gocker run --rm` prints; fails where it does not succeed. */
  output(words: readonly string[], options?: RunOptions): Promise<string>
  /** `gocker run --rm`, for tests that do something while it runs. */
  start(words: readonly string[], options?: RunOptions): RunningCommand
  /** `gocker run --rm -it` on a terminal. */
  terminal(words: readonly string[]): Promise<Terminal>
  /** A shell on a terminal, in which `gocker` is the one under test. */
  shell(): Promise<Terminal>
  /** Imports busybox with a config. @param changes as `gocker import --change` takes them */
  image(name: string, ...changes: readonly string[]): Promise<void>
}

export function runFixture(...images: readonly Image[]): RunFixture {
  const root = makeTemporaryDirectory()
  const call = (words: readonly string[], options: RunOptions = {}) => gocker(words, { ...options, root })
  const run = (words: readonly string[], options?: RunOptions) => call(['run', '--rm', ...words], options)
  let watch: Leaks | undefined
  before(async () => {
    for (const name of images) succeeded(await call(['import', '-', name], { input: await rootfs(name) }))
    watch = leaks(root)
  })
  after(async () => {
    try {
      // What the first container needed stays for the next.
      if (existsSync(join(root, 'run', 'networks'))) succeeded(await call(['network', 'prune']))
      await watch?.assertNone()
      assert.equal((await call(['ps', '-aq'])).stdout, '', 'no container is left')
    } finally {
      removeTree(root)
    }
  })
  return {
    root,
    gocker: call,
    run,
    output: async (words, options) => succeeded(await run(words, options)).stdout,
    start: (words, options = {}) => startGocker(['run', '--rm', ...words], { ...options, root }),
    terminal: (words) => gockerTerminal(['run', '--rm', '-it', ...words], { root }),
    shell: () => shellTerminal(root),
    image: async (name, ...changes) => {
      const flags = changes.flatMap((change) => ['-c', change])
      succeeded(await call(['import', ...flags, '-', name], { input: busyboxRootfs() }))
    },
  }
}

/** Fails with what gocker said where it did not succeed. */
export function succeeded(result: CommandResult): CommandResult {
  assert.equal(result.code, 0, `${result.stdout}${result.stderr}`)
  return result
}

/** That gocker ended with a code, having printed nothing, and one line of explanation (and its hint). */
export function refused({ code, stdout, stderr }: CommandResult, expected: number, said: RegExp): void {
  assert.match(stderr, said)
  assert.match(stderr, /^gocker: [^\n]+\n( {2}hint: [^\n]+\n)?$/)
  assert.deepEqual([code, stdout], [expected, ''])
}

async function rootfs(name: Image): Promise<Uint8Array> {
  return name === 'busybox' ? busyboxRootfs() : readFileSync(await debianRootfs())
}

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** For tests that start gocker by way of another program. */
export function gockerUnderTest(): string[] {
  const { GOCKER_TEST_BUNDLE: bundle } = process.env
  return [process.execPath, '--', bundle ? resolve(bundle) : MAIN]
}

/** With the settings by which the testkit starts gocker. */
async function shellTerminal(root: string): Promise<Terminal> {
  const gocker = `gocker() { ${gockerUnderTest().join(' ')} "$@"; }`
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    TERM: 'screen-256color',
    GOCKER_ROOT: join(root, 'store'),
    GOCKER_RUN: join(root, 'run'),
    PS1: 'host> ',
  }
  const terminal = await openTerminal(['bash', '--norc', '--noprofile', '-i'], { env })
  await terminal.type(`${gocker}; clear\n`)
  await terminal.waitFor(/^host> ?$/m)
  return terminal
}
