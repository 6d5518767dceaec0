import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Acknowledgement, decodeAcknowledgement } from './acknowledgement.ts'
import { encodeAttributes, text } from './attributes.ts'
import { afterHeader, decodeMessages, encodeMessage, NLM_F, NLMSG } from './messages.ts'

const LO = { type: 16, flags: NLM_F.REQUEST | NLM_F.ACK, sequence: 7, payload: Buffer.from('abcde') }

test('a message is its header, its payload, and padding', () => {
  assert.equal(encodeMessage(LO).toString('hex'), `${'15000000 1000 0500 07000000 00000000'.replaceAll(' ', '')}6162636465000000`)
})

test('a datagram is as many messages as fit', () => {
  const second = { ...LO, sequence: 8, payload: Buffer.alloc(0) }
  assert.deepEqual(decodeMessages(Buffer.concat([encodeMessage(LO), encodeMessage(second)])), [LO, second])
  assert.deepEqual(decodeMessages(Buffer.alloc(0)), [])
})

test('a last message may lack its padding', () => {
  assert.deepEqual(decodeMessages(encodeMessage(LO).subarray(0, 21)), [LO])
})

test('lengths that lead outside are refused', () => {
  const whole = encodeMessage(LO)
  for (const cut of [1, 15, 16, 20]) assert.throws(() => decodeMessages(whole.subarray(0, cut)), { code: 'EBADMSG' }, `${cut} bytes`)
  const short = Buffer.from(whole)
  short.writeUInt32LE(15, 0)
  assert.throws(() => decodeMessages(short), { code: 'EBADMSG' })
  assert.throws(() => afterHeader(Buffer.alloc(3), 4), { code: 'EBADMSG' })
})

const WORDS = encodeAttributes([text(1, 'Unknown device type')])
const REQUEST_HEADER = encodeMessage({ ...LO, payload: Buffer.alloc(0) })

const ENDS: readonly [what: string, type: number, flags: number, payload: Buffer, expected: Acknowledgement | undefined][] = [
  ['success', NLMSG.ERROR, NLM_F.CAPPED, Buffer.concat([errno(0), REQUEST_HEADER]), { errno: 0, text: undefined }],
  ['a refusal without words', NLMSG.ERROR, NLM_F.CAPPED, Buffer.concat([errno(17), REQUEST_HEADER]), { errno: 17, text: undefined }],
  [
    'a refusal with words',
    NLMSG.ERROR,
    NLM_F.CAPPED | NLM_F.ACK_TLVS,
    Buffer.concat([errno(95), REQUEST_HEADER, WORDS]),
    { errno: 95, text: 'Unknown device type' },
  ],
  [
    'words behind the whole request',
    NLMSG.ERROR,
    NLM_F.ACK_TLVS,
    Buffer.concat([errno(95), encodeMessage(LO), WORDS]),
    { errno: 95, text: 'Unknown device type' },
  ],
  ['the end of a dump', NLMSG.DONE, NLM_F.MULTI, errno(0), { errno: 0, text: undefined }],
  ['the end of a dump, in short', NLMSG.DONE, NLM_F.MULTI, Buffer.alloc(0), { errno: 0, text: undefined }],
  ['a dump that failed', NLMSG.DONE, NLM_F.ACK_TLVS, Buffer.concat([errno(22), WORDS]), { errno: 22, text: 'Unknown device type' }],
  ['any other message', 16, 0, Buffer.alloc(0), undefined],
]

test('acknowledgements say how a request ended', () => {
  for (const [what, type, flags, payload, expected] of ENDS)
    assert.deepEqual(decodeAcknowledgement({ type, flags, sequence: 7, payload }), expected, what)
})

test('an acknowledgement that is too short is refused', () => {
  const cut = (payload: Buffer, flags = 0) => ({ type: NLMSG.ERROR, flags, sequence: 7, payload })
  assert.throws(() => decodeAcknowledgement(cut(errno(17))), { code: 'EBADMSG' })
  // It says that the request's five bytes come back with it.
  assert.throws(() => decodeAcknowledgement(cut(Buffer.concat([errno(17), encodeMessage(LO).subarray(0, 16)]))), { code: 'EBADMSG' })
})

function errno(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(-number)
  return bytes
}
