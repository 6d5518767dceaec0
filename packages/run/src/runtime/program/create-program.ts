import { LaunchProgram, shown, slot, value } from '@gocker/kernel'
import type { RuntimeRlimit, RuntimeSpec } from '@gocker/oci'
import { confine } from '../../program/apparmor.ts'
import { takeBindSources } from '../../program/bind-sources.ts'
import { enterCgroup } from '../../program/cgroup.ts'
import { takeCgroupViews } from '../../program/cgroup-mount.ts'
import { O_CLOEXEC } from '../../program/constants.ts'
import { credentials, noNewPrivileges } from '../../program/credentials.ts'
import { execute } from '../../program/execute.ts'
import { takeHostDevices } from '../../program/host-devices.ts'
import { takeHostFileSystems } from '../../program/host-file-systems.ts'
import { takeKernelViews } from '../../program/kernel-views.ts'
import { limits } from '../../program/limits.ts'
import { lookUp } from '../../program/look-up.ts'
import { loopback } from '../../program/loopback.ts'
import { mask, readOnlyPaths, takeMasks } from '../../program/masks.ts'
import { containerEnd, monitorEnd } from '../../program/monitor.ts'
import { mounts } from '../../program/mounts.ts'
import { names } from '../../program/names.ts'
import { joinNamespaces, ownCgroupNamespace } from '../../program/namespaces.ts'
import { oomScore } from '../../program/oom-score.ts'
import { personality } from '../../program/personality.ts'
import { scheduling } from '../../program/scheduling.ts'
import { seccomp } from '../../program/seccomp.ts'
import { beginSession, sessionKeyring } from '../../program/session.ts'
import { CONSOLE_DESCRIPTOR, controlTerminal, useTerminal } from '../../program/terminal.ts'
import { askForIds, becomeRoot } from '../../program/user-namespace.ts'
import { enterWorkdir, reenterWorkdir } from '../../program/workdir.ts'
import { AskingFilter } from './ask-agent.ts'
import { Descriptors } from './descriptors.ts'
import { waitAtGate } from './gate.ts'
import { runHooks } from './hooks.ts'
import { outside } from './outside.ts'
import { DESCRIPTORS, GATED, type RuntimeFacts, type RuntimePlan } from './plan.ts'
import { changeRoot, finishRoot, goInside, goOutside, hasMountNamespace, prepareRoot } from './root.ts'
import { streams } from './streams.ts'

/** Descriptors. */
const ENOUGH = 1024

/** Reported when nothing is left to do but to begin the command. */
export const CREATED = 'created'

/** The label from which on failures are told to who starts the container. */
export const STARTED = 'it is started'

/**
 * A bundle's spec as the system calls that create its container: they stop before the command, and go on when somebody connects to the
 * socket that they are given.
 * @throws {RunError}, {KernelError} for what cannot be planned
 */
export function toCreateProgram(spec: RuntimeSpec, facts: RuntimeFacts): LaunchProgram {
  const plan: RuntimePlan = { program: new LaunchProgram(), spec, facts }
  const descriptors = descriptorsOf(plan)
  outside(plan)
  plan.program.label('container')
  inside(plan, descriptors)
  untilStarted(plan, descriptors)
  begin(plan, descriptors)
  return plan.program
}

/** Whether it has to wait for gocker, for hooks and for what is only known of it when it is there. */
function isGated({ spec: { hooks = {} }, facts }: RuntimePlan): boolean {
  return facts.noticeSize !== undefined || GATED.some((kind) => (hooks[kind] ?? []).length > 0)
}

function descriptorsOf(plan: RuntimePlan): Descriptors {
  const { program, spec, facts } = plan
  const { createContainer = [], startContainer = [] } = spec.hooks ?? {}
  const kept = [
    DESCRIPTORS.start,
    ...(startContainer.length > 0 ? [DESCRIPTORS.created] : []),
    ...(facts.noticeSize === undefined ? [] : [DESCRIPTORS.agent, DESCRIPTORS.notice]),
  ]
  const early = [
    ...(facts.mountsGiven?.values() ?? []),
    ...(isGated(plan) ? [DESCRIPTORS.gate] : []),
    ...(createContainer.length > 0 ? [DESCRIPTORS.creating] : []),
    ...(spec.process.terminal === true ? [CONSOLE_DESCRIPTOR] : []),
  ]
  return new Descriptors(program, { preserved: facts.preserved, kept, early })
}

/** All that is made, and hidden. */
function inside(plan: RuntimePlan, descriptors: Descriptors): void {
  const { program, spec, facts } = plan
  program.row({ name: 'close the other end of the tie', call: 'close', args: [value(monitorEnd)] })
  askForIds(plan, value(containerEnd))
  beginSession(plan)
  if (!facts.noNewKeyring) sessionKeyring(plan)
  // While the host's paths are there: what is opened by them.
  oomScore(plan)
  joinNamespaces(plan)
  enterCgroup(plan)
  ownCgroupNamespace(plan)
  prepareRoot(plan)
  takeBindSources(plan)
  takeHostFileSystems(plan)
  takeCgroupViews(plan)
  takeHostDevices(plan)
  takeMasks(plan)
  becomeRoot(plan)
  takeKernelViews(plan)
  names(plan)
  loopback(plan)
  // Everything below is looked up in the container.
  goInside(plan)
  if (hasMountNamespace(plan)) {
    mounts(plan)
    mask(plan)
    readOnlyPaths(plan)
  }
  goOutside(plan)
  passGate(plan)
  const { createContainer: hooks = [] } = spec.hooks ?? {}
  if (hooks.length > 0) runHooks(program, { kind: 'createContainer', hooks, first: 0, state: program.descriptor(DESCRIPTORS.creating) })
  confine(plan)
  changeRoot(plan)
  finishRoot(plan)
  useTerminal(plan)
  controlTerminal(plan)
  descriptors.closeOthers([containerEnd])
  streams(plan)
}

/** The hooks of the host run meanwhile. */
function passGate(plan: RuntimePlan): void {
  const { program } = plan
  if (isGated(plan)) waitAtGate(program, program.descriptor(DESCRIPTORS.gate), 'wait for hooks of the host')
}

const connection = slot('who starts it')

/** What is given up; then it waits, with nothing left to do that takes a right. */
function untilStarted(plan: RuntimePlan, descriptors: Descriptors): void {
  const { program, spec } = plan
  limits(withRoom(plan))
  scheduling(plan)
  personality(plan)
  enterWorkdir(plan)
  // A filter needs CAP_SYS_ADMIN unless no privilege can be gained any more: without that it goes before the capabilities.
  if (!spec.process.noNewPrivileges) filterCalls(plan, descriptors)
  credentials(plan)
  reenterWorkdir(plan)
  lookUp(plan)
  program.report(CREATED)
  const isolates = 'created: now somebody has to start it'
  program.row({ name: 'let go of the tie', call: 'close', args: [descriptors.held(0)], isolates })
  const socket = descriptors.kept(DESCRIPTORS.start)
  const args = [socket, 0, 0, shown(O_CLOEXEC, 'SOCK_CLOEXEC')]
  program.row({ name: 'wait until it is started', call: 'accept4', args, result: connection })
  program.label(STARTED)
  descriptors.reportTo(connection)
  // What is started is started once.
  for (const held of [value(connection), socket]) program.row({ name: 'close the other copy', call: 'close', args: [held] })
}

function begin(plan: RuntimePlan, descriptors: Descriptors): void {
  const { program, spec } = plan
  const { createContainer = [], startContainer: hooks = [] } = spec.hooks ?? {}
  const first = createContainer.length
  if (hooks.length > 0) runHooks(program, { kind: 'startContainer', hooks, first, state: descriptors.kept(DESCRIPTORS.created) })
  noNewPrivileges(plan)
  limits(withoutRoom(plan))
  if (spec.process.noNewPrivileges) filterCalls(plan, descriptors)
  execute(plan, { closes: false })
}

function filterCalls(plan: RuntimePlan, descriptors: Descriptors): void {
  const { noticeSize } = plan.facts
  if (noticeSize === undefined) seccomp(plan)
  else new AskingFilter(plan, descriptors.forAgent(noticeSize)).tell({ install: true })
}

const DESCRIPTORS_LIMIT = 'RLIMIT_NOFILE'

/** Until the command begins the program needs some descriptors, however few the command is to have. */
function withRoom(plan: RuntimePlan): RuntimePlan {
  const enough = (limit: number) => Math.max(limit, ENOUGH)
  return withLimits(plan, (limit) =>
    limit.type === DESCRIPTORS_LIMIT ? [{ ...limit, soft: enough(limit.soft), hard: enough(limit.hard) }] : [limit],
  )
}

/** What {@link withRoom} has left: less than there is can always be had. */
function withoutRoom(plan: RuntimePlan): RuntimePlan {
  return withLimits(plan, (limit) => (limit.type === DESCRIPTORS_LIMIT && limit.soft < ENOUGH ? [limit] : []))
}

function withLimits(plan: RuntimePlan, change: (limit: RuntimeRlimit) => RuntimeRlimit[]): RuntimePlan {
  const { process } = plan.spec
  return { ...plan, spec: { ...plan.spec, process: { ...process, rlimits: process.rlimits?.flatMap(change) ?? [] } } }
}
