import type { Expression } from '../expression.ts'
import { compare } from '../expressions/compare.ts'
import { loadMeta, loadPayload } from '../expressions/load.ts'

export type PortProtocol = keyof typeof NUMBERS

const NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const
const DESTINATION_PORT = 2

/** Packets of the protocol to the port. */
export function toPort(protocol: PortProtocol, port: number): Expression[] {
  const portBytes = Buffer.alloc(2)
  portBytes.writeUInt16BE(port)
  return [
    loadMeta('l4proto'),
    compare('equal', Buffer.of(NUMBERS[protocol])),
    loadPayload('transport', DESTINATION_PORT, portBytes.byteLength),
    compare('equal', portBytes),
  ]
}
