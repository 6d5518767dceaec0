import { type At, at, type Operand, type Struct, struct, value } from '@gocker/kernel'
import type { PlanWith } from './plan.ts'

const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const HEADER_SIZE = 16
const DESCRIPTOR_SIZE = 4

/**
 * A descriptor that goes to somebody else through a Unix socket.
 * @see cmsg(3), unix(7) SCM_RIGHTS
 */
export class PassedDescriptor {
  readonly #control = struct([HEADER_SIZE + DESCRIPTOR_SIZE, (BigInt(SCM_RIGHTS) << 32n) | BigInt(SOL_SOCKET), 0])

  /** For the row that opens it: where its number is stored. */
  get number(): At {
    return at(this.#control, HEADER_SIZE)
  }

  /** Sends it with the data of one iovec, and closes this process's own. */
  send(program: PlanWith['program'], { name, socket, data }: { name: string; socket: Operand; data: Struct }): void {
    const message = struct([0, 0, data, 1, this.#control, HEADER_SIZE + 8, 0])
    program.row({ name, call: 'sendmsg', args: [socket, message, 0] })
    program.row({ name: 'let go of what was sent', call: 'close', args: [value(this.number)] })
  }
}
