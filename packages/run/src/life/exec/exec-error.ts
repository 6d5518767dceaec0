import type { LaunchFailure } from '@gocker/kernel'
import { RunError, type RunErrorCode } from '../../error.ts'
import { inCgroup } from '../../program/cgroup.ts'
import { JOIN, MAKE_COMMAND } from '../../program/exec/join.ts'
import { MAKE_JOINING } from '../../program/exec/monitor.ts'
import { launchError } from '../launch-error.ts'
import { notRunning } from './running.ts'

const GO = 'go to '
/** v1's cgroups are entered before the second, v2's by the first. */
const MADE_INSIDE: readonly string[] = [MAKE_COMMAND, inCgroup(MAKE_JOINING)]

const CODES: Readonly<Record<string, RunErrorCode>> = {
  ENOENT: 'NOT_FOUND_IN_CONTAINER',
  EACCES: 'CANNOT_INVOKE',
  ENOTDIR: 'CANNOT_INVOKE',
}
const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
}

/** Says what a row's failure means to who wanted to run one more command. */
export function execError(failure: LaunchFailure, { name, args, cwd }: { name: string; args: readonly string[]; cwd: string }): RunError {
  if (failure.name === JOIN && failure.errno === 'ESRCH') return notRunning(name)
  const code = failure.name.startsWith(GO) ? CODES[failure.errno] : undefined
  if (code !== undefined) return new RunError(code, `exec: working directory ${JSON.stringify(cwd)}: ${TEXTS[failure.errno]}`)
  if (MADE_INSIDE.includes(failure.name) && failure.errno === 'EAGAIN')
    return new RunError('LAUNCH_FAILED', `running a command in container ${name}: it has as many processes as it may have`, {
      hint: '--pids-limit and --ulimit nproc bound them',
    })
  const { code: launchCode, message, hint } = launchError(failure, args)
  const text = message.replace('starting the container', `running a command in container ${name}`)
  return new RunError(launchCode, text, hint === undefined ? {} : { hint })
}
