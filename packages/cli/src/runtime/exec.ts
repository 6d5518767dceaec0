import { execInRuntime, RunError, type RuntimeExecOptions } from '@gocker/run'
import { RawTerminal } from '../terminal/raw-terminal.ts'
import { descriptorCount, wholeNumber } from './numbers.ts'
import type { Call } from './runtime-action.ts'

interface ExecFlags {
  readonly process?: string
  readonly consoleSocket?: string
  readonly pidFile?: string
  readonly preserveFds?: string
  readonly detach?: true
  readonly tty?: true
  readonly user?: string
  readonly additionalGids: readonly string[]
  readonly cwd?: string
  readonly env: readonly string[]
  readonly cap: readonly string[]
  readonly newPrivs: boolean
  readonly apparmor?: string
  readonly ignorePaused?: true
}

export async function exec({ global, words: [id, command], flags }: Call): Promise<number> {
  return await execInRuntime(global.home, id as string, optionsOf(command as readonly string[], flags as unknown as ExecFlags))
}

function optionsOf(command: readonly string[], flags: ExecFlags): RuntimeExecOptions {
  const { process, consoleSocket, pidFile, preserveFds, detach, tty, user, additionalGids, cwd, env, cap, newPrivs, apparmor } = flags
  return {
    command,
    env,
    capabilities: cap,
    noNewPrivileges: !newPrivs,
    additionalGids: additionalGids.map((gid) => wholeNumber(gid, 'additional-gids')),
    preserveFds: descriptorCount(preserveFds),
    detach: detach === true,
    terminal: new RawTerminal(),
    ignorePaused: flags.ignorePaused === true,
    ...(tty !== undefined && { tty }),
    ...(process !== undefined && { processFile: process }),
    ...(consoleSocket !== undefined && { consoleSocket }),
    ...(pidFile !== undefined && { pidFile }),
    ...(user !== undefined && { user: readUser(user) }),
    ...(cwd !== undefined && { cwd }),
    ...(apparmor !== undefined && { apparmorProfile: apparmor }),
  }
}

function readUser(text: string): { uid: number; gid?: number } {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(text) ?? []
  if (uid !== undefined) return { uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) }
  throw new RunError('INVALID_OPTION', `reading --user ${JSON.stringify(text)}: not a number, or two as in 1000:100`)
}
