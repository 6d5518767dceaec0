import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { CAPABILITIES, type Capability, type Cgroup, lastCapability, OPEN_FLAGS, openInRoot, type WindowSize } from '@gocker/kernel'
import type { RuntimeCapabilities, RuntimeProcess, RuntimeSpec } from '@gocker/oci'
import { seccompFilter } from '../host/seccomp-filter.ts'
import { isBind } from '../program/bind-sources.ts'
import type { ProgramFacts, Stdio } from '../program/plan.ts'
import { identityOf } from '../spec/user.ts'
import type { RuntimeHome } from './home.ts'
import type { RuntimeFacts } from './program/plan.ts'

export interface FactsInput {
  readonly home: RuntimeHome
  readonly id: string
  readonly cgroup: Pick<Cgroup, 'entries' | 'views'>
  readonly preserved: number
  readonly noPivot: boolean
  readonly noNewKeyring: boolean
}

/** What the program has to know of this machine, now. */
export async function runtimeFacts(spec: RuntimeSpec, { home, id, cgroup, ...flags }: FactsInput): Promise<RuntimeFacts> {
  const sources = spec.mounts.filter(isBind).map(({ source = '' }) => source)
  return {
    ...flags,
    ...(await processFacts(spec, home)),
    id,
    parent: undefined,
    overlay: { base: '/', lowers: [], upper: '', work: '', mountPoint: spec.root.path },
    cgroup: { entries: cgroup.entries, views: cgroup.views },
    requests: new Map(),
    directories: new Set(sources.filter((source) => statSync(source, { throwIfNoEntry: false })?.isDirectory())),
    init: false,
  }
}

type ProcessFacts = Pick<ProgramFacts, 'stdio' | 'seccompFilter' | 'lastCapability' | 'terminalWaits' | 'windowSize'>

/** What is found out for a first process and for one more command alike. */
export async function processFacts({ process, linux }: RuntimeSpec, home: RuntimeHome): Promise<ProcessFacts> {
  const { consoleSize } = process
  return {
    stdio: [kindOf(0), kindOf(1), kindOf(2)],
    seccompFilter: linux.seccomp === undefined ? undefined : await seccompFilter(linux.seccomp, home.root),
    lastCapability: lastCapability(),
    terminalWaits: true,
    ...(consoleSize !== undefined && { windowSize: { columns: consoleSize.width, rows: consoleSize.height } }),
  }
}

/** With the size of its terminal, where it is not said. */
export function withSize(process: RuntimeProcess, size: WindowSize | undefined): RuntimeProcess {
  if (size === undefined || process.consoleSize !== undefined) return process
  return { ...process, consoleSize: { width: size.columns, height: size.rows } }
}

/** A pipe becomes the user's, who could not open /dev/stdout otherwise; a file or a terminal stays whose it is. */
function kindOf(fd: number): Stdio {
  const stats = fstatSync(fd)
  return stats.isFIFO() || stats.isSocket() ? 'pipe' : 'given'
}

/**
 * With `HOME`, where it is not said: the user's, by the container's own file; and without capabilities that the kernel does not know.
 * @param root the container's root directory
 */
export function completeProcess(process: RuntimeProcess, root: string): RuntimeProcess {
  const { capabilities, env } = process
  const hasHome = env.some((line) => line.startsWith('HOME='))
  return {
    ...process,
    env: hasHome ? env : [...env, `HOME=${homeOf(process, root)}`],
    ...(capabilities !== undefined && { capabilities: knownCapabilities(capabilities) }),
  }
}

function homeOf({ user }: RuntimeProcess, root: string): string {
  return identityOf(`${user.uid}`, { passwd: readPasswd(root), group: '' }).home
}

function knownCapabilities(sets: RuntimeCapabilities): RuntimeCapabilities {
  const last = lastCapability()
  const isKnown = (name: string) => (CAPABILITIES[name as Capability] ?? Number.POSITIVE_INFINITY) <= last
  return Object.fromEntries(Object.entries(sets).map(([set, names]: [string, readonly string[]]) => [set, names.filter(isKnown)]))
}

function readPasswd(root: string): string {
  try {
    const directory = openSync(root, OPEN_FLAGS.O_PATH | constants.O_DIRECTORY)
    try {
      const file = openInRoot(directory, '/etc/passwd', constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        return fstatSync(file).isFile() ? readFileSync(file, 'utf8') : ''
      } finally {
        closeSync(file)
      }
    } finally {
      closeSync(directory)
    }
  } catch {
    return ''
  }
}
