import { closeSync } from 'node:fs'
import { dieWithParent, KernelError, LaunchProgram, launch, pidfdOpen, shown, struct } from '@gocker/kernel'
import { isAlive, type ProcessIdentity } from '@gocker/store'

const POLLIN = 1n

/**
 * Waits for the end of a process that need not be a child of this one, without asking again and again.
 * @returns false when the signal was aborted before
 */
export async function untilProcessEnds(identity: ProcessIdentity, { signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
  const pidfd = openIfAlive(identity)
  if (pidfd === undefined) return true
  try {
    if (signal?.aborted) return false
    const launched = await launch(waiter(), {
      title: `gocker: waits for ${identity.pid}`,
      stdio: ['ignore', 'ignore', 'ignore'],
      descriptors: { process: pidfd },
      ...(signal !== undefined && { signal }),
    })
    return (await launched.exited).code === 0
  } finally {
    closeSync(pidfd)
  }
}

/** The number may have become another's before it was opened. */
function openIfAlive(identity: ProcessIdentity): number | undefined {
  const pidfd = openPidfd(identity.pid)
  if (pidfd === undefined || isAlive(identity)) return pidfd
  closeSync(pidfd)
  return undefined
}

function openPidfd(pid: number): number | undefined {
  try {
    return pidfdOpen(pid)
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ESRCH') return undefined
    throw error
  }
}

/** A descriptor of a process can be read from when the process has ended. @see pidfd_open(2) */
function waiter(): LaunchProgram {
  const program = new LaunchProgram()
  dieWithParent(program)
  const entry = BigInt(program.descriptor('process')) | (POLLIN << 32n)
  return program.row({
    name: 'wait for the end of the process',
    call: 'ppoll',
    args: [struct([shown(entry, '{process, POLLIN}')]), 1, 0, 0, 0],
  })
}
