import { type Attachment, type AttachOptions, attachTo, RunError } from '@gocker/run'
import type { Store } from '@gocker/store'
import { LogOutput } from './log-output.ts'
import { SignalForwarder } from './signal-forwarder.ts'
import { DetachFilter } from './terminal/detach-keys.ts'
import { RawTerminal } from './terminal/raw-terminal.ts'

export interface AttachRunningOptions extends AttachOptions {
  /** See parseDetachKeys. */
  readonly detachKeys: Buffer
  /** Whether the container gets this process's signals; one with a terminal gets keys instead. */
  readonly proxiesSignals: boolean
}

/**
 * Attaches this process's stdin, stdout and stderr to a container in the background, until it ends or somebody types the keys to detach.
 * @returns the container's exit code; 0 when detached
 * @throws as `attachTo`
 */
export async function attachRunning(store: Store, name: string, options: AttachRunningOptions): Promise<number> {
  const attachment = await attachTo(store, name, options)
  const { hasTerminal, input } = attachment
  const forwarder = options.proxiesSignals && !hasTerminal ? new SignalForwarder() : undefined
  const terminal = hasTerminal ? new RawTerminal() : undefined
  let isDetached = false
  try {
    if (hasTerminal && input !== undefined) refuseOtherInput(name)
    forwarder?.to(attachment)
    if (terminal === undefined) input !== undefined && process.stdin.pipe(input)
    else {
      const detach = () => {
        isDetached = true
        void attachment.close()
      }
      lend(terminal, attachment, new DetachFilter(options.detachKeys, detach))
    }
    const output = new LogOutput({ hasTimes: false })
    for await (const records of attachment.output) await output.write(records)
    return isDetached ? 0 : await attachment.exited
  } finally {
    forwarder?.stop()
    terminal?.restore()
    await attachment.close()
    if (input !== undefined) process.stdin.destroy()
    if (isDetached) process.stderr.write('read escape sequence\n')
  }
}

/** @throws {RunError} `INVALID_OPTION` */
function refuseOtherInput(name: string): void {
  if (process.stdin.isTTY) return
  throw new RunError('INVALID_OPTION', `lending the terminal to container ${name}: the input device is not a TTY`, {
    hint: 'attach with --no-stdin where gocker reads from a pipe or a file',
  })
}

/** Milliseconds that a program has to see a size before it gets the next. */
const GLANCE = 100

/** A program that draws does so anew when the size changes, so that what it shows is there at once: it is made to change, and back. */
function lend(terminal: RawTerminal, { input, resize }: Attachment, keys: DetachFilter): void {
  if (process.stdout.isTTY) {
    const { columns, rows } = terminal.size()
    resize({ columns, rows: rows + 1 })
    setTimeout(() => resize(terminal.size()), GLANCE)
  }
  if (input !== undefined) keys.pipe(input, { end: false })
  terminal.lend({ resize, ...(input !== undefined && { input: keys }) })
}
