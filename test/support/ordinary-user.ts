import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import {
  type CommandResult,
  type Leaks,
  leaks,
  makeTemporaryDirectory,
  type RunningCommand,
  removeTree,
  startCommand,
} from '@gocker/testkit'
import { gockerUnderTest, succeeded } from './running.ts'

export interface UserOptions {
  /** Not one that the machine gives to anybody. */
  readonly uid: number
  /** The first of 65,536 ids beside his own; without it he has no name either. */
  readonly subordinate?: number
}

export interface OrdinaryUser {
  readonly uid: number
  /** His alone; the store and the run directory are in it. */
  readonly home: string
  /** Root's, and to be read by everybody. */
  readonly shared: string
  /** `gocker`, called by him. @param under what starts it, as root: a program and its first arguments */
  gocker(words: readonly string[], under?: readonly string[]): Promise<CommandResult>
  /** As `gocker`, for tests that do something while it runs. */
  start(words: readonly string[], under?: readonly string[]): RunningCommand
  /** What it prints; fails where it does not succeed. */
  output(words: readonly string[], under?: readonly string[]): Promise<string>
}

/** Why the tests of ordinary users cannot be here, if so: what makes a user is root's, and a machine may deny users all namespaces. */
export function whyNoUsers(): string | false {
  if (process.getuid?.() !== 0) return 'only root can act for other users'
  const restricted = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
  if (existsSync(restricted) && readFileSync(restricted, 'utf8').trim() === '1') return 'AppArmor denies ordinary users a namespace here'
  const make = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', 'unshare', '--user', '--map-root-user', '--mount', 'true']
  const { status, stderr } = spawnSync('setpriv', make, { encoding: 'utf8' })
  return status !== 0 && `this machine gives ordinary users no namespaces: ${stderr.trim()}`
}

/** Milliseconds that what cleans up after a container may take on a busy machine. */
const PATIENCE = 30_000

/** Binds pairs of files (`file target`, ended by `--`) where only what it starts sees them. */
const BIND = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit; shift 2; done; shift; exec "$@"'

/** The beginning of a command that sees other files in the place of some of the machine's, which stays as it is. */
export function withFiles(files: Readonly<Record<string, string>>): string[] {
  const pairs = Object.entries(files).flatMap(([target, file]) => [file, target])
  return ['unshare', '--mount', '--', 'sh', '-c', BIND, 'sh', ...pairs, '--']
}

/** A user whom only the commands that he gives know of: whatever becomes of the tests, the machine's lists of users stay as they are. */
export function ordinaryUser({ uid, subordinate }: UserOptions): OrdinaryUser {
  const directory = makeTemporaryDirectory()
  chmodSync(directory, 0o711)
  const [home, shared] = [join(directory, 'home'), join(directory, 'shared')]
  for (const path of [home, shared]) mkdirSync(path)
  if (process.getuid?.() === 0) chownSync(home, uid, uid)
  const lists = subordinate === undefined ? [] : withFiles(listsWith({ uid, subordinate, home, shared }))
  const become = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--pdeathsig', 'KILL', '--']
  // Each command begins twice, and reading its sources takes most of its time.
  const env = { HOME: home, PATH: process.env.PATH, NODE_COMPILE_CACHE: join(home, '.compiled') }
  // When everything is there that the tests share.
  let watch: Leaks | undefined
  const start = (words: readonly string[], under: readonly string[] = []) => {
    watch ??= leaks(directory)
    return startCommand([...under, ...lists, ...become, ...gockerUnderTest(), ...words], { env, cwd: '/' })
  }
  const gocker = (words: readonly string[], under?: readonly string[]) => start(words, under).result
  after(async () => {
    if (watch === undefined) return removeTree(directory)
    const left = await gocker(['ps', '-aq'])
    for (const id of left.stdout.split('\n').filter(Boolean)) await gocker(['rm', '-f', id])
    try {
      await watch.assertNone(PATIENCE)
    } finally {
      removeTree(directory)
    }
    assert.deepEqual([left.code, left.stdout], [0, ''], `no container is left: ${left.stderr}`)
  })
  return { uid, home, shared, start, gocker, output: async (words, under) => succeeded(await gocker(words, under)).stdout }
}

/** The machine's lists of users and their ids, and this one in them. */
function listsWith({ uid, subordinate, home, shared }: Required<UserOptions> & { readonly home: string; readonly shared: string }) {
  const name = `gocker${uid}`
  const lines = {
    '/etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}${name}:x:${uid}:${uid}::${home}:/bin/sh\n`,
    '/etc/subuid': `${name}:${subordinate}:65536\n`,
    '/etc/subgid': `${name}:${subordinate}:65536\n`,
  }
  return Object.fromEntries(
    Object.entries(lines).map(([path, text]) => {
      const file = join(shared, path.replaceAll('/', '-'))
      writeFileSync(file, text)
      return [path, file]
    }),
  )
}
