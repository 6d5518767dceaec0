import type { ChildProcess } from '@gocker/kernel'

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const

export interface ForwardedSignals {
  stop(): void
}

/** Hands on what this process is told. */
export function forwardSignals(child: ChildProcess): ForwardedSignals {
  const forward = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of FORWARDED) process.on(signal, forward)
  return {
    stop() {
      for (const signal of FORWARDED) process.off(signal, forward)
    },
  }
}
