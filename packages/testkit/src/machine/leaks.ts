import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TEMPORARY_PREFIX } from '../temporary-directory.ts'
import { cgroupMembers, gockerCgroups } from './cgroups.ts'
import { mounts } from './mounts.ts'
import { belongsTo, type ProcessOnMachine, processes } from './processes.ts'

export interface Leaks {
  /** What is there now that was not there before, one line each. */
  found(): string[]
  /**
   * Waits until nothing is found: what ends with a process ends shortly after it.
   * @throws with what stays longer than `patience` ms, 5000 unless said otherwise
   */
  assertNone(patience?: number): Promise<void>
}

/**
 * Looks at the machine now, to tell later what has been left: mounts, control groups of gocker, processes, network links, temporary
 * directories of this process.
 * @param root the directory of the gocker under test (`gocker`'s option): what other tests do at the same time is then told apart
 */
export function leaks(root: string): Leaks {
  const before = new Set([...look(root), ...processes().map(processSeen)].map(({ key }) => key))
  const found = () => look(root).flatMap(({ key, text }) => (before.has(key) ? [] : [text]))
  return { found, assertNone: (patience = 5000) => assertNone(found, patience) }
}

/** Only what stays all the time is a leak: a container of another test, too, has an empty group for a moment. */
async function assertNone(found: () => string[], patience: number): Promise<void> {
  const end = Date.now() + patience
  let lasting = found()
  while (lasting.length > 0 && Date.now() < end) {
    await delay(50)
    const now = new Set(found())
    lasting = lasting.filter((text) => now.has(text))
  }
  if (lasting.length > 0) throw new Error(`left behind:\n${lasting.join('\n')}`)
}

interface Sight {
  /** The same for the same thing. */
  readonly key: string
  readonly text: string
}

function look(root: string): Sight[] {
  const tied = processes().filter((one) => belongsTo(one, root))
  return [...mountsSeen(root), ...cgroupsSeen(tied, root), ...tied.map(processSeen), ...linksSeen(root), ...temporarySeen()]
}

function mountsSeen(root: string): Sight[] {
  const own = mounts().filter((mount) => [mount.point, mount.source, mount.options].some((text) => text.includes(root)))
  return own.map(({ id, point, type }) => ({ key: `mount ${id} ${point}`, text: `mount ${point} (${type})` }))
}

/** Groups that nobody is in, and those of the gocker under test; the others' are theirs, and so are those of containers that they had killed. */
function cgroupsSeen(tied: readonly ProcessOnMachine[], root: string): Sight[] {
  const pids = new Set(tied.map(({ pid }) => pid))
  const all = gockerCgroups().map((path) => ({ path, members: cgroupMembers(path) }))
  const isOthers = (path: string) =>
    all.some((one) => `${one.path}/`.startsWith(`${path}/`) && one.members.some((pid) => !pids.has(pid))) || isContainerOfOther(path, root)
  const left = all.filter(({ path }) => !isOthers(path))
  return left.map(({ path }) => ({ key: `cgroup ${path}`, text: `control group ${path}` }))
}

/** Whether a group is, or is below, that of a container which the gocker under test has never made: what it made is in its events. */
function isContainerOfOther(path: string, root: string): boolean {
  const id = path.split('/').find((name) => /^[0-9a-f]{64}$/.test(name))
  const events = join(root, 'run/events.log')
  if (id === undefined || !existsSync(events)) return false
  const own = readFileSync(events, 'utf8')
    .split('\n')
    .filter((line) => line.includes(id))
  return own.length === 0
}

function processSeen({ pid, startTime, name }: ProcessOnMachine): Sight {
  return { key: `process ${pid} ${startTime}`, text: `process ${pid} (${name})` }
}

/** The links of this network namespace, but for other gockers' bridges and what is connected to those. */
function linksSeen(root: string): Sight[] {
  const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n').slice(2)
  return lines.flatMap((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf(':'))).trim()
    return name === '' || isAnothers(name, root) ? [] : [{ key: `link ${name}`, text: `network link ${name}` }]
  })
}

/** A bridge's alias says whose it is. */
function isAnothers(link: string, root: string): boolean {
  const read = (file: string) => {
    try {
      return readFileSync(`/sys/class/net/${link}/${file}`, 'utf8')
    } catch {
      return ''
    }
  }
  const alias = read('ifalias') || read('master/ifalias')
  return alias.startsWith('gocker ') && !alias.includes(root)
}

/** Those that the testkit made for this process, and those that gocker may have made for itself. */
function temporarySeen(): Sight[] {
  const isOwn = (name: string) => !name.startsWith(TEMPORARY_PREFIX) || name.startsWith(`${TEMPORARY_PREFIX}${process.pid}-`)
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith('gocker') && isOwn(name))
  return names.map((name) => ({ key: `temporary ${name}`, text: `temporary directory ${tmpdir()}/${name}` }))
}
