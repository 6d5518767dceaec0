import assert from 'node:assert/strict'
import { closeSync, readFileSync, readSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { receiveDescriptor } from './descriptor-passing.ts'
import { addressOf, libcFunction } from './libc.ts'
import { pipe, socketPair } from './pipes.ts'

for (const type of ['seqpacket', 'stream'] as const) {
  test(`a descriptor arrives over a ${type} socket`, () => {
    const [near, far] = socketPair(type)
    const { read, write } = pipe()
    assert.equal(receiveDescriptor(far), undefined)
    send(near, write)
    const received = receiveDescriptor(far) as number
    assert.notEqual(received, write)
    assert.match(readFileSync(`/proc/self/fdinfo/${received}`, 'utf8'), /flags:\s+0*2\d{6}/, 'close-on-exec')
    writeSync(received, 'x')
    assert.equal(readSync(read, Buffer.alloc(1)), 1)
    for (const fd of [near, read, write, received]) closeSync(fd)
    assert.throws(() => receiveDescriptor(far), { code: 'ECONNRESET' })
    closeSync(far)
  })
}

test('a message without a descriptor is thrown away', () => {
  const [near, far] = socketPair('seqpacket')
  writeSync(near, 'words')
  assert.equal(receiveDescriptor(far), undefined)
  closeSync(near)
  closeSync(far)
})

function send(socket: number, fd: number): void {
  const data = Buffer.from(new Uint8Array(new ArrayBuffer(1)).buffer)
  const control = Buffer.from(new ArrayBuffer(24))
  control.writeBigUInt64LE(20n, 0)
  control.writeInt32LE(1, 8)
  control.writeInt32LE(1, 12)
  control.writeInt32LE(fd, 16)
  const vector = Buffer.from(new BigUint64Array([addressOf(data), 1n]).buffer)
  const header = Buffer.from(new BigUint64Array([0n, 0n, addressOf(vector), 1n, addressOf(control), 24n, 0n]).buffer)
  assert.equal(sendmsg()(socket, header, 0), 1)
}

const sendmsg = libcFunction<(socket: number, header: Buffer, flags: number) => number>('sendmsg', 'long', ['int', 'void *', 'int'])
