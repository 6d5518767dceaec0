/**
 * Runs `work` with a signal that aborts on Ctrl-C (SIGINT) or SIGTERM, so that it undoes what it began.
 * A second one ends the process at once; what stays is found by `gocker system prune`.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const abort = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === 'SIGTERM' ? 143 : 130)
    controller.abort()
  }
  process.on('SIGINT', abort).on('SIGTERM', abort)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort)
  }
}
