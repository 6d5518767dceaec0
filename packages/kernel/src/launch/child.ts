import { signalNumber } from '../door/signals.ts'
import { type ChildExit, waitNow } from '../door/wait.ts'

/** Milliseconds between two looks at a child that has closed its report and has not ended yet. */
const PATIENCE = 5

/** A child of this process, which is waited for when the kernel says that one has ended; it does not keep this process from ending. */
export class Child {
  readonly pid: number
  readonly exited: Promise<ChildExit>
  #end: (exit: ChildExit) => void

  constructor(pid: number) {
    this.pid = pid
    const { promise, resolve } = Promise.withResolvers<ChildExit>()
    this.exited = promise
    this.#end = resolve
    if (living.size === 0) process.on('SIGCHLD', lookAtAll)
    living.add(this)
    // It may have ended before the signal was listened to.
    this.look()
  }

  /** Sends a signal; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals | number): void {
    // Until it is waited for, the number is nobody else's.
    if (living.has(this)) process.kill(this.pid, typeof signal === 'number' ? signal : signalNumber(signal))
  }

  /** Looks whether it has ended. */
  look(): void {
    if (!living.has(this)) return
    const exit = waitNow(this.pid)
    if (exit === undefined) return
    living.delete(this)
    if (living.size === 0) process.off('SIGCHLD', lookAtAll)
    this.#end(exit)
  }

  /** Looks until it has ended: in a worker thread no signal tells. */
  keepLooking(): void {
    this.look()
    if (living.has(this)) setTimeout(() => this.keepLooking(), PATIENCE)
  }
}

const living = new Set<Child>()

function lookAtAll(): void {
  for (const child of living) child.look()
}
