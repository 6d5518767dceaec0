import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KernelError } from '../../error.ts'
import { decodeAttributes } from './attribute-reader.ts'
import { type Attribute, encodeAttributes, text, u8, u32, u32BigEndian, u64BigEndian } from './attributes.ts'

// By hand, as netlink(7) has it: length with header, type, value, padding.
const ENCODINGS: readonly [attribute: Attribute, hex: string][] = [
  [u8(4, 1), '0500 0400 01 000000'],
  [u32(10, 2), '0800 0a00 02000000'],
  [u32BigEndian(5, 2), '0800 0500 00000002'],
  [u32BigEndian(1, -3), '0800 0100 fffffffd'],
  [u32BigEndian(1, 0xffff_ffff), '0800 0100 ffffffff'],
  [u64BigEndian(3, 258n), '0c00 0300 0000000000000102'],
  [text(3, 'lo'), '0700 0300 6c6f00 00'],
  [text(3, ''), '0500 0300 00 000000'],
  [{ type: 7, value: Buffer.alloc(0) }, '0400 0700'],
  [{ type: 18, value: [] }, '0400 1280'],
  [
    { type: 18, value: [text(1, 'veth'), { type: 2, value: [u8(5, 0)] }] },
    '1c00 1280 0900 0100 7665746800 000000 0c00 0280 0500 0500 00 000000',
  ],
]

test('attributes are padded, and their lengths are not', () => {
  for (const [attribute, hex] of ENCODINGS) assert.equal(encodeAttributes([attribute]).toString('hex'), hex.replaceAll(' ', ''))
})

test('what was encoded reads back', () => {
  const nested = { type: 0x12, value: [u8(1, 9), text(2, 'inner')] }
  const read = decodeAttributes(encodeAttributes([text(3, 'gocker0'), u32(4, 1500), u32BigEndian(5, 7), u64BigEndian(6, 8n), nested]))
  assert.equal(read.text(3), 'gocker0')
  assert.equal(read.u32(4), 1500)
  assert.equal(read.u32BigEndian(5), 7)
  assert.equal(read.u64BigEndian(6), 8n)
  assert.deepEqual(read.nested(0x12)?.bytes(1), Buffer.of(9))
  assert.equal(read.nested(0x12)?.text(2), 'inner')
  assert.equal(read.text(7), undefined)
  assert.equal(read.u32(7), undefined)
  assert.equal(read.nested(7), undefined)
})

test('text ends at its NUL, or with its attribute', () => {
  assert.equal(decodeAttributes(encodeAttributes([{ type: 1, value: Buffer.from('a\0b') }])).text(1), 'a')
  assert.equal(decodeAttributes(encodeAttributes([{ type: 1, value: Buffer.from('ab') }])).text(1), 'ab')
})

test('a value that no attribute can hold is refused', () => {
  assert.equal(encodeAttributes([{ type: 1, value: Buffer.alloc(65_531) }]).byteLength, 65_536)
  assert.throws(() => encodeAttributes([{ type: 1, value: Buffer.alloc(65_532) }]), { code: 'EMSGSIZE' })
  const halves = [1, 2].map((type) => ({ type, value: Buffer.alloc(40_000) }))
  assert.throws(() => encodeAttributes([{ type: 1, value: halves }]), { code: 'EMSGSIZE' })
})

const MALFORMED: readonly [what: string, hex: string][] = [
  ['less than a header', '040001'],
  ['a length below that of the header', '0300010000000000'],
  ['a length of nothing', '0000000000000000'],
  ['a length beyond the end', '0900010000000000'],
  ['a second one beyond the end', '0400010008000200'],
]

test('lengths that lead outside are refused', () => {
  for (const [what, hex] of MALFORMED) assert.throws(() => decodeAttributes(Buffer.from(hex, 'hex')), { code: 'EBADMSG' }, what)
})

test('a value of another size than its kind is refused', () => {
  const read = decodeAttributes(encodeAttributes([{ type: 1, value: Buffer.alloc(3) }]))
  for (const attempt of [() => read.u32(1), () => read.u32BigEndian(1), () => read.u64BigEndian(1), () => read.nested(1)])
    assert.throws(attempt, (error) => error instanceof KernelError && error.code === 'EBADMSG')
})
