import { type CLONE_FLAGS, type Shown, shown, slot, value } from '@gocker/kernel'
import type { RuntimeNamespaceType } from '@gocker/oci'
import { AT_FDCWD, cloneFlags, SIGCHLD, TO_READ } from './constants.ts'
import type { Plan } from './plan.ts'

const FLAGS: Readonly<Record<RuntimeNamespaceType, keyof typeof CLONE_FLAGS>> = {
  mount: 'CLONE_NEWNS',
  uts: 'CLONE_NEWUTS',
  ipc: 'CLONE_NEWIPC',
  pid: 'CLONE_NEWPID',
  network: 'CLONE_NEWNET',
  cgroup: 'CLONE_NEWCGROUP',
  user: 'CLONE_NEWUSER',
  time: 'CLONE_NEWTIME',
}

/** Left out of the clone: the cgroup's, which begins where the process is, and so comes after the cgroup was entered; and time's, for which clone(2) has no flag. */
const LATER: readonly RuntimeNamespaceType[] = ['cgroup', 'time']

export function cloneFlagsOf({ spec }: Plan): Shown {
  const types = spec.linux.namespaces.filter(({ type, path }) => path === undefined && !LATER.includes(type)).map(({ type }) => type)
  const { operand, text } = cloneFlags(types.map((type) => FLAGS[type]))
  return shown(Number(operand) + SIGCHLD, [text, 'SIGCHLD'].filter((word) => word !== '').join('|'))
}

/**
 * Before the first process is made: only children are in a PID namespace that was joined, and what the process is given of its own is to belong
 * to the user namespace.
 */
export function joinOutside(plan: Plan): void {
  join(plan, ['user', 'pid'])
}

/** The mount namespace goes last: in it, the paths of the others would mean something else. */
export function joinNamespaces(plan: Plan): void {
  join(plan, ['network', 'ipc', 'uts', 'time', 'cgroup', 'mount'])
}

export function ownCgroupNamespace({ program, spec }: Plan): void {
  const isOwn = spec.linux.namespaces.some(({ type, path }) => type === 'cgroup' && path === undefined)
  if (isOwn)
    program.row({
      name: 'see its own cgroup as the root of all',
      call: 'unshare',
      args: [cloneFlags(['CLONE_NEWCGROUP'])],
      pass: ['EINVAL'],
    })
}

function join({ program, spec }: Plan, types: readonly RuntimeNamespaceType[]): void {
  const namespaces = types.flatMap((wanted) => spec.linux.namespaces.filter(({ type }) => type === wanted))
  for (const { type, path } of namespaces) {
    if (path === undefined) continue
    const namespace = slot(`${type} namespace`)
    program.row({ name: `open ${type} namespace ${path}`, call: 'openat', args: [AT_FDCWD, path, TO_READ], result: namespace })
    program.row({ name: `join ${type} namespace ${path}`, call: 'setns', args: [value(namespace), cloneFlags([FLAGS[type]])] })
  }
}
