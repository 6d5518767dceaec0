import { blockSignals, fork, LaunchProgram, slot } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { confine } from '../../program/apparmor.ts'
import { credentials, noNewPrivileges } from '../../program/credentials.ts'
import { joinCgroup } from '../../program/exec/cgroup-of-first.ts'
import { CONTAINER_DESCRIPTOR, joinNamespaces, MAKE_COMMAND } from '../../program/exec/join.ts'
import { execute } from '../../program/execute.ts'
import { limits } from '../../program/limits.ts'
import { lookUp } from '../../program/look-up.ts'
import { containerEnd, makeTie, monitorEnd, REPORTS } from '../../program/monitor.ts'
import { oomScore } from '../../program/oom-score.ts'
import { personality } from '../../program/personality.ts'
import type { ProgramFacts } from '../../program/plan.ts'
import { scheduling } from '../../program/scheduling.ts'
import { seccomp } from '../../program/seccomp.ts'
import { sessionKeyring } from '../../program/session.ts'
import { CONSOLE_DESCRIPTOR, controlTerminal, makeTerminal, useTerminal } from '../../program/terminal.ts'
import { becomeRoot } from '../../program/user-namespace.ts'
import { enterWorkdir, reenterWorkdir } from '../../program/workdir.ts'
import { affinity } from './affinity.ts'
import { AskingFilter } from './ask-agent.ts'
import { Descriptors } from './descriptors.ts'
import { waitAtGate } from './gate.ts'
import { DESCRIPTORS } from './plan.ts'
import { streams } from './streams.ts'

export type RuntimeExecFacts = Pick<
  ProgramFacts,
  'id' | 'cgroup' | 'stdio' | 'windowSize' | 'seccompFilter' | 'lastCapability' | 'terminalWaits' | 'inUserNamespace'
> & {
  /** The pid of the container's. */
  readonly firstProcess: number
  /** How many of the caller's descriptors from 3 on the command gets. */
  readonly preserved: number
  readonly noNewKeyring: boolean
  /** As a first process's. */
  readonly noticeSize?: number
}

const commandPid = slot('command pid')

/**
 * The system calls that run one more command in a container: a process joins it, gives up what the container may not have, and makes the
 * command, which is gocker's child and not its own.
 * @param spec the container's, with the command's own `process`
 * @throws {RunError}, {KernelError} for what cannot be planned
 */
export function toRuntimeExecProgram(spec: RuntimeSpec, facts: RuntimeExecFacts): LaunchProgram {
  const plan = { program: new LaunchProgram(), spec, facts }
  const { program } = plan
  const early = [CONTAINER_DESCRIPTOR, ...(spec.process.terminal === true ? [CONSOLE_DESCRIPTOR] : [])]
  const { noticeSize } = facts
  const kept = noticeSize === undefined ? [] : [DESCRIPTORS.agent, DESCRIPTORS.notice, DESCRIPTORS.gate]
  const descriptors = new Descriptors(program, { preserved: facts.preserved, kept, early })
  const filter = noticeSize === undefined ? undefined : new AskingFilter(plan, descriptors.forAgent(noticeSize))
  const install = () => (filter === undefined ? seccomp(plan) : filter.install())
  blockSignals(program)
  makeTie(program)
  if (!facts.noNewKeyring) sessionKeyring(plan)
  // While the host's paths are there: what is opened by them.
  oomScore(plan)
  affinity(plan, 'initial')
  confine(plan)
  joinCgroup(plan, facts.firstProcess)
  joinNamespaces(plan)
  becomeRoot(plan)
  makeTerminal(plan)
  useTerminal(plan)
  descriptors.closeOthers([containerEnd, monitorEnd])
  streams(plan)
  limits(plan)
  scheduling(plan)
  personality(plan)
  affinity(plan, 'final')
  enterWorkdir(plan)
  // As at the start: a filter needs CAP_SYS_ADMIN unless no privilege can be gained any more.
  if (!spec.process.noNewPrivileges) install()
  credentials(plan)
  reenterWorkdir(plan)
  lookUp(plan)
  makeCommand(program, descriptors)
  program.label('command')
  program.row({ name: 'begin a session', call: 'setsid', isolates: 'the command: a session of its own' })
  controlTerminal(plan)
  noNewPrivileges(plan)
  if (filter !== undefined) {
    waitAtGate(program, descriptors.kept(DESCRIPTORS.gate), 'wait for what the agent is to be told')
    filter.tell({ install: spec.process.noNewPrivileges === true })
  } else if (spec.process.noNewPrivileges) install()
  execute(plan, { closes: false })
  return program
}

/** Waits until the command has begun, so that its failure is heard, and keeps nothing of what the command has. */
function makeCommand(program: LaunchProgram, descriptors: Descriptors): void {
  const [its, own] = [descriptors.held(0), descriptors.held(1)]
  fork(program, { name: MAKE_COMMAND, flags: ['CLONE_PARENT'], pid: commandPid, child: 'command' })
  program.report(REPORTS.started, [commandPid])
  program.row({ name: "close the command's end of the tie", call: 'close', args: [its] })
  program.row({ name: "let go of the command's descriptors", call: 'close_range', args: [0, 2, 0] })
  program.row({ name: 'wait until the command runs', call: 'read', args: [own, slot('nothing'), 1], pass: 'any' })
  program.report(REPORTS.settled)
  program.label('end')
  program.row({ name: 'end, having joined', call: 'exit_group', args: [0] })
}
