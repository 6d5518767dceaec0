import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KernelError } from '../../error.ts'
import { decodeComment } from '../nftables/comment.ts'
import { decodeNetfilter } from '../nftables/message.ts'
import { decodeLinkAddress } from '../route/addresses.ts'
import { decodeLink } from '../route/link.ts'
import { decodeRoute } from '../route/route-message.ts'
import { decodeAcknowledgement } from './acknowledgement.ts'
import { encodeAttributes, text, u32 } from './attributes.ts'
import { decodeMessages, encodeMessage, NLM_F, NLMSG } from './messages.ts'

const READERS: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  messages: (bytes) => decodeMessages(bytes).map(decodeAcknowledgement),
  error: (payload) => decodeAcknowledgement({ type: NLMSG.ERROR, flags: NLM_F.ACK_TLVS, sequence: 1, payload }),
  link: (payload) => decodeLink({ payload }),
  address: (payload) => decodeLinkAddress({ payload }),
  route: (payload) => decodeRoute({ payload }),
  netfilter: (payload) => decodeNetfilter({ payload }),
  comment: decodeComment,
}

test('whatever the bytes, they are read or refused', () => {
  const random = generator(1)
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(Array.from({ length: random() % 80 }, () => plausible(random)))
    for (const [name, read] of Object.entries(READERS)) readOrRefuse(name, read, bytes)
  }
})

test('a message that was damaged is read or refused', () => {
  const random = generator(2)
  const attributes = encodeAttributes([
    text(3, 'gocker0'),
    u32(4, 1500),
    { type: 18, value: [text(1, 'veth'), { type: 2, value: [u32(1, 1)] }] },
  ])
  const payload = Buffer.concat([Buffer.alloc(16), attributes])
  const message = encodeMessage({ type: NLMSG.ERROR, flags: NLM_F.ACK_TLVS, sequence: 1, payload })
  for (let round = 0; round < 3000; round++) {
    readOrRefuse('link', READERS.link, damaged(payload, random))
    readOrRefuse('messages', READERS.messages, damaged(message, random))
  }
})

function readOrRefuse(name: string, read: ((bytes: Buffer) => unknown) | undefined, bytes: Buffer): void {
  try {
    assert.ok(read)
    read(bytes)
  } catch (error) {
    assert.ok(error instanceof KernelError && error.code === 'EBADMSG', `${name} of ${bytes.toString('hex')}: ${error}`)
  }
}

// Small numbers are lengths and types more often than large ones.
function plausible(random: () => number): number {
  return random() % 3 === 0 ? random() & 0xff : random() % 24
}

function damaged(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, random() % (bytes.byteLength + 1)))
  for (let left = random() % 4; left > 0 && copy.byteLength > 0; left--) copy[random() % copy.byteLength] = plausible(random)
  return copy
}

/** The same numbers every time. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}
