import { type At, at, type CgroupEntry, type Shown, type Slot, shown, slot, struct, value } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { AT_FDCWD, HOLD_DIRECTORY, SIGCHLD, TO_WRITE } from './constants.ts'
import type { PlanWith } from './plan.ts'

/** Of clone3 alone. @see clone(2) */
const CLONE_INTO_CGROUP = 1n << 33n
/** struct clone_args as of Linux 5.7: the descriptor of the cgroup is its last word. */
const CLONE_ARGS_SIZE = 88
const CGROUP_WORD = 80
/** Of a child of the parent's, which gets the signal that the caller's own end has. */
export const CLONE_PARENT = 0x8000

const madeInside = slot('pid by clone3')

/** What the row is called that makes a process inside a cgroup. @param name of the one that makes it outside */
export function inCgroup(name: string): string {
  return `${name}, in its cgroup`
}

interface ClonedProcess {
  /** Of clone(2). */
  readonly flags: Shown
  readonly pid: Slot
  readonly name: string
  readonly isolates: string
}

/**
 * Makes a process, which goes on at the label `container`: inside the container's cgroup of v2 where the kernel can. The pid is put where it
 * is asked for.
 * @returns where the descriptor of the cgroup is, which stays open; undefined where there is none
 */
export function makeProcess(plan: PlanWith<'cgroup'>, process: ClonedProcess): At | undefined {
  const cgroup = makeInCgroup(plan, process)
  const { flags, pid: result, name, isolates } = process
  plan.program.row({ name, call: 'clone', args: [flags, 0, 0, 0, 0], result, onZero: 'container', isolates })
  plan.program.label('it is made')
  return cgroup
}

function makeInCgroup(plan: PlanWith<'cgroup'>, { flags: { operand, text }, pid, name, isolates }: ClonedProcess): At | undefined {
  const { program, facts } = plan
  const entry = facts.cgroup.entries.find(({ hierarchy }) => hierarchy === 'v2')
  if (entry === undefined) return undefined
  const flags = BigInt(operand as number) - BigInt(SIGCHLD) + CLONE_INTO_CGROUP
  const exitSignal = (flags & BigInt(CLONE_PARENT)) === 0n ? SIGCHLD : 0
  const cloneArgs = struct([shown(flags, text.replace('SIGCHLD', 'CLONE_INTO_CGROUP')), 0, 0, 0, exitSignal, 0, 0, 0, 0, 0, 0])
  program.row({
    name: `hold the cgroup in ${treeOf(entry, plan.spec)}`,
    call: 'openat',
    args: [AT_FDCWD, entry.directory, HOLD_DIRECTORY],
    result: at(cloneArgs, CGROUP_WORD),
    isolates,
  })
  program.row({
    name: inCgroup(name),
    call: 'clone3',
    args: [cloneArgs, CLONE_ARGS_SIZE],
    result: madeInside,
    // Before Linux 5.7, where a filter keeps clone3 away, and for a cgroup that is shared out.
    pass: ['ENOSYS', 'E2BIG', 'EINVAL', 'EPERM', 'EBUSY'],
    onZero: 'container',
    onError: 'make it by clone',
  })
  program.compare({ name: 'keep its pid', a: value(madeInside), b: 0, result: pid, onPositive: 'it is made' })
  program.label('make it by clone')
  return at(cloneArgs, CGROUP_WORD)
}

/**
 * Before anything is done that costs memory or processes; 0 means whoever writes it.
 * @param onBusy the label to go on at where v2 has no place for a process
 */
export function enterCgroup(plan: PlanWith<'cgroup'>, { onBusy }: { onBusy?: string } = {}): void {
  const { program, spec, facts } = plan
  const isFirst = { isolates: 'cgroup: limits on memory, processor time, processes and devices' }
  const of = (wanted: CgroupEntry['hierarchy']) => facts.cgroup.entries.filter(({ hierarchy }) => hierarchy === wanted)
  for (const [index, entry] of [...of('v1'), ...of('v2')].entries()) {
    const tree = treeOf(entry, spec)
    const file = slot('a cgroup file')
    if (entry.hierarchy === 'v2')
      program.compare({
        name: `is it in ${tree} already?`,
        a: value(madeInside),
        b: 0,
        onZero: 'in every cgroup',
        ...(index === 0 && isFirst),
      })
    const args = [AT_FDCWD, entry.file, TO_WRITE]
    program.row({ name: `open the cgroup in ${tree}`, call: 'openat', args, result: file, ...(index === 0 && isFirst) })
    const busy = onBusy === undefined ? {} : { pass: ['EBUSY'], onError: onBusy }
    program.row({ name: `enter it in ${tree}`, call: 'write', args: [value(file), '0', 1], ...busy })
    program.row({ name: 'close it', call: 'close', args: [value(file)] })
  }
  program.label('in every cgroup')
}

/** Where the tree of cgroups is mounted that this entry belongs to. */
export function treeOf({ directory }: CgroupEntry, { linux }: RuntimeSpec): string {
  const { cgroupsPath = '' } = linux
  return directory.slice(0, directory.lastIndexOf(cgroupsPath))
}
