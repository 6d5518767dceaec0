import { at, type Operand, shown, slot, struct, value } from '@gocker/kernel'
import type { RuntimeIdMapping } from '@gocker/oci'
import { AT_FDCWD, HOLD_DIRECTORY, TO_WRITE } from './constants.ts'
import { monitorEnd, TIE_DESCRIPTOR } from './monitor.ts'
import type { Plan, PlanWith } from './plan.ts'

const MSG_CMSG_CLOEXEC = shown(0x4000_0000, 'MSG_CMSG_CLOEXEC')
const SOL_SOCKET = 1n
const SCM_RIGHTS = 1n
const CONTROL_HEADER_SIZE = 16
const CONTROL_SIZE = 24
const DESCRIPTOR_SIZE = 4

/** Whether the container gets a user namespace of its own here, whose ids are to be mapped. */
export function mapsIds({ spec }: Pick<PlanWith, 'spec'>): boolean {
  return spec.linux.namespaces.some(({ type, path }) => type === 'user' && path === undefined)
}

/** Whether the container is in another user namespace than gocker is, where it is root over what is its own and nobody to all else. */
export function isInUserNamespace({ spec }: Pick<PlanWith, 'spec'>): boolean {
  return spec.linux.namespaces.some(({ type }) => type === 'user')
}

/** Whether the container is made by who is root in a user namespace only, and so may make no device, nor mount what is the host's. */
export function isUnprivileged(plan: PlanWith<'inUserNamespace'>): boolean {
  return plan.facts.inUserNamespace === true || isInUserNamespace(plan)
}

/**
 * The container's side: shows the monitor its directory in /proc, whose name neither of them can know beforehand, and waits until its ids mean
 * something.
 * @param tie where its end of the tie is
 * @see user_namespaces(7)
 */
export function askForIds(plan: Plan, tie: Operand = TIE_DESCRIPTOR): void {
  if (!mapsIds(plan)) return
  const { program } = plan
  const control = struct([CONTROL_HEADER_SIZE + DESCRIPTOR_SIZE, (SCM_RIGHTS << 32n) | SOL_SOCKET, 0])
  const directory = at(control, CONTROL_HEADER_SIZE)
  program.row({
    name: 'hold its directory in /proc',
    call: 'openat',
    args: [AT_FDCWD, '/proc/self', HOLD_DIRECTORY],
    result: directory,
    isolates: 'user namespace: its ids are other ids outside',
  })
  const message = struct([0, 0, struct([struct([0]), 1]), 1, control, CONTROL_SIZE, 0])
  program.row({ name: 'show it to the monitor', call: 'sendmsg', args: [tie, message, 0] })
  program.row({ name: 'let go of it', call: 'close', args: [value(directory)] })
  program.row({ name: 'wait until its ids are mapped', call: 'read', args: [tie, slot('nothing'), 1], onZero: 'end' })
}

/** The monitor's side, which has the right to: once the container's first process is there. */
export function mapIds(plan: Plan): void {
  if (!mapsIds(plan)) return
  const { program, spec } = plan
  const { uidMappings = [], gidMappings = [] } = spec.linux
  const control = slot('control message', CONTROL_SIZE)
  const message = struct([0, 0, struct([slot('nothing'), 1]), 1, control, CONTROL_SIZE, 0])
  const directory = at(control, CONTROL_HEADER_SIZE)
  program.row({
    name: "take the container's directory in /proc",
    call: 'recvmsg',
    args: [value(monitorEnd), message, MSG_CMSG_CLOEXEC],
    // It has ended, and that is told further below.
    onZero: 'ids are mapped',
    isolates: 'user namespace: what its ids are outside',
  })
  writeTo(plan, { directory, file: 'uid_map', text: mapText(uidMappings), name: 'map users' })
  writeTo(plan, { directory, file: 'gid_map', text: mapText(gidMappings), name: 'map groups' })
  const { oomScoreAdj } = spec.process
  // A process of another namespace may not lower its own.
  if (oomScoreAdj !== undefined) writeTo(plan, { directory, file: 'oom_score_adj', text: `${oomScoreAdj}`, name: 'set its oom score' })
  program.row({ name: 'let go of the directory', call: 'close', args: [value(directory)] })
  program.row({ name: 'tell it that its ids are mapped', call: 'write', args: [value(monitorEnd), 'i', 1] })
  program.label('ids are mapped')
}

interface ProcFile {
  readonly directory: ReturnType<typeof at>
  readonly file: string
  readonly text: string
  readonly name: string
}

function writeTo({ program }: Plan, { directory, file, text, name }: ProcFile): void {
  const opened = slot('file in /proc')
  program.row({ name: `open ${file}`, call: 'openat', args: [value(directory), file, TO_WRITE], result: opened })
  program.row({ name: `${name}: ${text.trimEnd().replaceAll('\n', ', ')}`, call: 'write', args: [value(opened), text, text.length] })
  program.row({ name: `close ${file}`, call: 'close', args: [value(opened)] })
}

/** @see user_namespaces(7), "Defining user and group ID mappings" */
export function mapText(mappings: readonly RuntimeIdMapping[]): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('')
}

/**
 * The namespace's root, from here on: whatever is made belongs to it. What is found by the host's paths is better taken before, by the user
 * who called: he may go where this one may not.
 */
export function becomeRoot(plan: PlanWith): void {
  if (!isInUserNamespace(plan)) return
  const { program } = plan
  // EINVAL: an id that is not mapped; EPERM: where nobody may change groups.
  const isolates = 'user namespace: root of it'
  program.row({ name: "have none of the caller's groups", call: 'setgroups', args: [0, 0], pass: ['EPERM'], isolates })
  program.row({ name: 'be its first group', call: 'setresgid', args: [0, 0, 0], pass: ['EINVAL'] })
  program.row({ name: 'be its first user', call: 'setresuid', args: [0, 0, 0], pass: ['EINVAL'] })
}
