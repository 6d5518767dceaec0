import assert from 'node:assert/strict'
import { closeSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import {
  boundReceive,
  discardDatagrams,
  openNetlinkDescriptor,
  receiveNetlink,
  sendDatagram,
  setSocketOption,
  widenSend,
} from './sockets.ts'

// struct nlmsghdr and struct ifinfomsg, which ask for the link with index 1.
const GET_LOOPBACK = Buffer.from('20000000120001000700000000000000' + '00000000010000000000000000000000', 'hex')
const O_CLOEXEC = 0o2_000_000

function socketOf(t: TestContext): number {
  const descriptor = openNetlinkDescriptor(0)
  t.after(() => closeSync(descriptor))
  return descriptor
}

test('the kernel answers a datagram with one', (t) => {
  const descriptor = socketOf(t)
  const buffer = Buffer.alloc(8192)
  sendDatagram(descriptor, GET_LOOPBACK)
  const { size, sender } = receiveNetlink(descriptor, buffer)
  assert.equal(sender, 0)
  assert.equal(buffer.readUInt32LE(0), size)
  assert.equal(buffer.readUInt32LE(8), 7)
})

test('the size is that of the datagram, also where it does not fit', (t) => {
  const descriptor = socketOf(t)
  const buffer = Buffer.alloc(20)
  sendDatagram(descriptor, GET_LOOPBACK)
  const { size } = receiveNetlink(descriptor, buffer)
  assert.equal(size, buffer.readUInt32LE(0))
  assert.ok(size > buffer.byteLength)
})

test('what has arrived is thrown away, and nothing is waited for', (t) => {
  const descriptor = socketOf(t)
  boundReceive(descriptor, 1)
  for (let round = 0; round < 3; round++) sendDatagram(descriptor, GET_LOOPBACK)
  discardDatagrams(descriptor)
  discardDatagrams(descriptor)
  assert.throws(() => receiveNetlink(descriptor, Buffer.alloc(8192)), { code: 'EAGAIN', syscall: 'recvfrom' })
})

test('a datagram may be larger than everybody is allowed, once there is room', (t) => {
  const descriptor = socketOf(t)
  // The kernel reads no further than the first message, which is for nobody.
  const large = Buffer.alloc(1_000_000)
  assert.throws(() => sendDatagram(descriptor, large), { code: 'EMSGSIZE', syscall: 'send' })
  widenSend(descriptor, large.byteLength)
  sendDatagram(descriptor, large)
})

test('programs that are started do not get it', (t) => {
  const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${socketOf(t)}`, 'utf8'))?.[1] ?? '0'
  assert.equal(Number.parseInt(flags, 8) & O_CLOEXEC, O_CLOEXEC)
})

test('refusals name what was asked', (t) => {
  assert.throws(() => openNetlinkDescriptor(31), { message: 'socket netlink protocol 31: EPROTONOSUPPORT (protocol not supported)' })
  const option = { level: 270, name: 9999, value: Buffer.alloc(4) }
  assert.throws(() => setSocketOption(socketOf(t), option), { code: 'ENOPROTOOPT' })
  assert.throws(() => discardDatagrams(-1), { code: 'EBADF' })
})
