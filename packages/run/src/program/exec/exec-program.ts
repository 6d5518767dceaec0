import { LaunchProgram, slot, value } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { signal } from '../constants.ts'
import { containerPid, guardAgainstSignals, makeTie, monitorEnd, REPORTS, waitForContainer } from '../monitor.ts'
import type { ProgramFacts } from '../plan.ts'
import { CONSOLE_DESCRIPTOR } from '../terminal.ts'
import { CONTAINER_DESCRIPTOR, command, type JoinPlan, join } from './join.ts'
import { learnPid, startJoining } from './monitor.ts'

/** `parent` is gocker, with whose end the command ends. */
export type ExecFacts = JoinPlan['facts'] & Pick<ProgramFacts, 'parent'>

interface ExecPlan extends JoinPlan {
  readonly facts: ExecFacts
}

/**
 * The system calls that run one more command in a running container: a monitor outside, a process that joins, and the command.
 * @param spec the container's, with the command's own `process`
 * @throws {RunError}, {KernelError} for what cannot be planned
 */
export function toExecProgram(spec: RuntimeSpec, facts: ExecFacts): LaunchProgram {
  const plan: ExecPlan = { program: new LaunchProgram(), spec, facts }
  monitor(plan)
  plan.program.label('container')
  join(plan)
  command(plan, { tied: facts.parent !== undefined })
  return plan.program
}

function monitor(plan: ExecPlan): void {
  const { program } = plan
  guardAgainstSignals(plan)
  makeTie(program)
  startJoining(plan)
  letGo(plan)
  learnPid(program, value(monitorEnd))
  program.compare({ name: 'is there a command?', a: value(containerPid), b: 0, onZero: 'end' })
  program.report(REPORTS.started, [containerPid])
  program.row({ name: 'wait until the command runs', call: 'read', args: [value(monitorEnd), slot('nothing'), 1] })
  program.report(REPORTS.settled)
  waitForContainer(plan)
  endMonitor(plan)
}

/** Nobody but the command may hold its stdin, stdout and stderr: otherwise their ends would never be seen. */
function letGo({ program, spec }: ExecPlan): void {
  program.row({ name: "let go of the command's stdio", call: 'close_range', args: [0, 2, 0] })
  const names = spec.process.terminal ? [CONTAINER_DESCRIPTOR, CONSOLE_DESCRIPTOR] : [CONTAINER_DESCRIPTOR]
  for (const name of names) program.row({ name: `let go of the ${name}`, call: 'close', args: [program.descriptor(name)] })
}

/** When all is told, and when gocker is not there to be told. */
function endMonitor({ program }: ExecPlan): void {
  const group = slot('group of the command')
  program.label('end')
  program.row({ name: 'end the monitor', call: 'exit_group', args: [0] })
  program.label('orphaned')
  program.compare({ name: 'find the group of the command', a: 0, b: value(containerPid), result: group })
  program.row({ name: 'kill it', call: 'kill', args: [value(group), signal('SIGKILL')], pass: ['ESRCH'] })
  // A group is begun with the session, and the command's process may not have come so far.
  program.row({ name: 'kill the command', call: 'kill', args: [value(containerPid), signal('SIGKILL')], pass: ['ESRCH'] })
  program.row({ name: 'wait for its end', call: 'wait4', args: [value(containerPid), 0, 0, 0], pass: ['ECHILD'] })
  program.jump('end')
}
