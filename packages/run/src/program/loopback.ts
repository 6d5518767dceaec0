import { bytes, shown, slot, value } from '@gocker/kernel'
import { O_CLOEXEC } from './constants.ts'
import type { Plan } from './plan.ts'

const AF_INET = shown(2, 'AF_INET')
const DATAGRAM = shown(2 | O_CLOEXEC, 'SOCK_DGRAM|SOCK_CLOEXEC')
const SIOCSIFFLAGS = shown(0x8914, 'SIOCSIFFLAGS')
const IFF_UP = 1
const IFF_RUNNING = 0x40
const IFNAMSIZ = 16
const IFREQ_SIZE = 40

/** A fresh network namespace has one device, which is down. @see netdevice(7) */
export function loopback({ program, spec }: Plan): void {
  if (!spec.linux.namespaces.some(({ type, path }) => type === 'network' && path === undefined)) return
  const socket = slot('socket')
  const request = Buffer.alloc(IFREQ_SIZE)
  request.write('lo')
  request.writeUInt16LE(IFF_UP | IFF_RUNNING, IFNAMSIZ)
  program.row({
    name: 'make a socket to ask by',
    call: 'socket',
    args: [AF_INET, DATAGRAM, 0],
    result: socket,
    isolates: 'network: a loopback device of its own, and nothing else',
  })
  program.row({ name: 'switch loopback on', call: 'ioctl', args: [value(socket), SIOCSIFFLAGS, bytes(request)] })
}
