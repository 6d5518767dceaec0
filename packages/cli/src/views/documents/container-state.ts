import type { Health } from '@gocker/run'
import type { ContainerView } from '../container.ts'

/** What docker says for a time that has not been. */
const NEVER = '0001-01-01T00:00:00Z'

export function stateOf({ now, health }: Pick<ContainerView, 'now' | 'health'>) {
  const { status, pid = 0, startedAt, finishedAt, exit } = now
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: exit?.oomKilled ?? false,
    Dead: status === 'dead',
    Pid: pid,
    ExitCode: status === 'exited' || status === 'restarting' ? (exit?.code ?? 0) : 0,
    Error: '',
    StartedAt: startedAt?.toISOString() ?? NEVER,
    FinishedAt: finishedAt?.toISOString() ?? NEVER,
    Health: health === undefined ? undefined : healthDocument(health),
  }
}

function healthDocument({ status, failingStreak, log }: Health) {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({
      Start: start.toISOString(),
      End: end.toISOString(),
      ExitCode: exitCode,
      Output: output,
    })),
  }
}
