import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/**
 * Asks the terminal's user for one line; stdout stays free for results.
 * @param options.hidden does not show what is typed
 * @throws an AbortError on Ctrl-C and at the end of input
 */
export async function ask(question: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> {
  if (hidden) process.stderr.write(question)
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
  const controller = new AbortController()
  lines.once('SIGINT', () => controller.abort()).once('close', () => controller.abort())
  try {
    // readline draws the line anew at each key, so it has to know what stands before it.
    return await lines.question(hidden ? '' : question, { signal: controller.signal })
  } finally {
    lines.close()
    if (hidden) process.stderr.write('\n')
  }
}
