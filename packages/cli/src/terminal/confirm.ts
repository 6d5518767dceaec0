import { createInterface } from 'node:readline/promises'

/**
 * Asks before something is removed, in docker's words. Where stdin is no terminal there is nobody to ask, and the answer is yes.
 * @param warning what will be removed
 */
export async function confirmed(warning: string, { force }: { readonly force: boolean }): Promise<boolean> {
  if (force || !process.stdin.isTTY) return true
  process.stderr.write(`WARNING! ${warning}\n`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question('Are you sure you want to continue? [y/N] ', { signal: interrupted(lines) })
    return /^\s*y(es)?\s*$/i.test(answer)
  } finally {
    lines.close()
  }
}

/** Ctrl-C at the question ends the command. */
function interrupted(lines: { once(event: 'SIGINT' | 'close', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort()
  lines.once('SIGINT', abort)
  lines.once('close', abort)
  return controller.signal
}
