import { closeSync, openSync } from 'node:fs'
import { types } from 'node:util'
import { CLONE_FLAGS, setns } from '../door/namespaces.ts'
import { KernelError } from '../error.ts'

/** A network namespace: `/run/netns/x`, `/proc/<pid>/ns/net`, or an open descriptor of such a file. */
export type NetworkNamespace = string | number

/**
 * Does `work` while the calling thread, and no other of the process, is in another network namespace. What `work` opens
 * stays there: sockets belong to the namespace in which they were made. /proc/sys/net is the namespace's own.
 *
 * Everything in `work` must be synchronous: whatever runs after it, such as a promise's continuation, is back home, and a thread
 * that is started meanwhile (a Worker, the pool of node:fs and node:dns) stays in the namespace.
 * @throws what `work` throws, after coming back
 * @throws {KernelError} when the namespace cannot be entered; `EINVAL` where `work` returns a promise
 * @see setns(2), network_namespaces(7)
 */
export function inNetworkNamespace<Result>(namespace: NetworkNamespace, work: () => Result): Result {
  return withDescriptor('/proc/thread-self/ns/net', (home) =>
    withDescriptor(namespace, (target) => {
      setns(target, CLONE_FLAGS.CLONE_NEWNET)
      try {
        return synchronous(work())
      } finally {
        setns(home, CLONE_FLAGS.CLONE_NEWNET)
      }
    }),
  )
}

function synchronous<Result>(result: Result): Result {
  if (!types.isPromise(result)) return result
  const message = 'working in a network namespace: EINVAL (the work is asynchronous, and would go on outside)'
  throw new KernelError('EINVAL', message, { syscall: 'setns' })
}

function withDescriptor<Result>(file: NetworkNamespace, use: (descriptor: number) => Result): Result {
  if (typeof file === 'number') return use(file)
  const descriptor = openSync(file, 'r')
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
