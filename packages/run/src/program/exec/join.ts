import { type CLONE_FLAGS, fork, slot } from '@gocker/kernel'
import { confine } from '../apparmor.ts'
import { cloneFlags } from '../constants.ts'
import { credentials, noNewPrivileges } from '../credentials.ts'
import { closeDescriptors, stdio } from '../descriptors.ts'
import { execute } from '../execute.ts'
import { limits } from '../limits.ts'
import { holdTie, TIE_DESCRIPTOR, tieToMonitor } from '../monitor.ts'
import { oomScore } from '../oom-score.ts'
import type { PlanWith, ProgramFacts } from '../plan.ts'
import { seccomp } from '../seccomp.ts'
import { sessionKeyring } from '../session.ts'
import { controlTerminal, makeTerminal, useTerminal } from '../terminal.ts'
import { becomeRoot, isInUserNamespace } from '../user-namespace.ts'
import { enterWorkdir, reenterWorkdir } from '../workdir.ts'
import { joinCgroup } from './cgroup-of-first.ts'

/** The descriptor of the container's first process, as pidfd_open(2) gives it. */
export const CONTAINER_DESCRIPTOR = 'container'
/** The row that fails when the container has ended meanwhile. */
export const JOIN = "join the container's namespaces"
/** What the row is called that makes the command's process. */
export const MAKE_COMMAND = 'make the process of the command'

/** What the joining part has to know. */
export interface JoinPlan extends PlanWith {
  readonly facts: JoinFacts
}

export interface JoinFacts
  extends Pick<
    ProgramFacts,
    'id' | 'cgroup' | 'stdio' | 'windowSize' | 'seccompFilter' | 'lastCapability' | 'inUserNamespace' | 'singleId' | 'terminalWaits'
  > {
  /** The pid of the container's. */
  readonly firstProcess: number
}

const NAMESPACES = ['mount', 'uts', 'ipc', 'network', 'pid', 'cgroup'] as const
const FLAGS: Readonly<Record<(typeof NAMESPACES)[number], keyof typeof CLONE_FLAGS>> = {
  mount: 'CLONE_NEWNS',
  uts: 'CLONE_NEWUTS',
  ipc: 'CLONE_NEWIPC',
  network: 'CLONE_NEWNET',
  pid: 'CLONE_NEWPID',
  cgroup: 'CLONE_NEWCGROUP',
}

const commandPid = slot('command pid')

/**
 * Joins a running container, gives up what the container may not have, and only then makes the command's process: until then the
 * container, which does not see processes that are not in its PID namespace, has nothing to take hold of (CVE-2016-9962).
 * The monitor becomes the command's parent and learns its pid by the tie; at the label `command` the command's part begins.
 */
export function join(plan: JoinPlan): void {
  const { program, spec } = plan
  holdTie(plan)
  tieToMonitor(program)
  sessionKeyring(plan)
  // While the host's paths are there: what is opened by them.
  oomScore(plan)
  confine(plan)
  joinCgroup(plan, plan.facts.firstProcess)
  joinNamespaces(plan)
  becomeRoot(plan)
  makeTerminal(plan)
  useTerminal(plan)
  closeDescriptors(plan)
  stdio(plan)
  limits(plan)
  enterWorkdir(plan)
  // As at the start: a filter needs CAP_SYS_ADMIN unless no privilege can be gained any more.
  if (!spec.process.noNewPrivileges) seccomp(plan)
  credentials(plan)
  reenterWorkdir(plan)
  makeCommand(plan)
}

/** The command's own process, from the label `command` on. @param tied whether it dies with its monitor */
export function command(plan: JoinPlan, { tied }: { tied: boolean }): void {
  const { program, spec } = plan
  program.label('command')
  if (tied) tieToMonitor(program)
  program.row({ name: 'begin a session', call: 'setsid', isolates: 'the command: a session of its own' })
  controlTerminal(plan)
  noNewPrivileges(plan)
  if (spec.process.noNewPrivileges) seccomp(plan)
  execute(plan)
}

/** By the process and not by paths: a number that is another process's by now leads nowhere. @see setns(2), pidfds */
export function joinNamespaces(plan: PlanWith<'inUserNamespace'>): void {
  const { program, spec } = plan
  // One's own user namespace cannot be joined.
  const user = isInUserNamespace(plan) ? (['CLONE_NEWUSER'] as const) : []
  const time = spec.linux.namespaces.some(({ type }) => type === 'time') ? (['CLONE_NEWTIME'] as const) : []
  const flags = cloneFlags([...user, ...time, ...joined(plan).map((name) => FLAGS[name])])
  program.row({
    name: JOIN,
    call: 'setns',
    args: [program.descriptor(CONTAINER_DESCRIPTOR), flags],
    isolates: 'namespaces: those of the container',
  })
}

/** For root whatever the container shares with the host, too: to join what one is in already changes nothing. Others may not join what is the host's. */
function joined({ spec, facts }: PlanWith<'inUserNamespace'>): readonly (typeof NAMESPACES)[number][] {
  if (facts.inUserNamespace !== true) return NAMESPACES
  return NAMESPACES.filter((name) => spec.linux.namespaces.some(({ type }) => type === name))
}

function makeCommand({ program }: JoinPlan): void {
  fork(program, { name: MAKE_COMMAND, flags: ['CLONE_PARENT'], pid: commandPid, child: 'command' })
  program.row({ name: 'tell the monitor its number', call: 'write', args: [TIE_DESCRIPTOR, commandPid, 8] })
  program.row({ name: 'end, having joined', call: 'exit_group', args: [0] })
}
