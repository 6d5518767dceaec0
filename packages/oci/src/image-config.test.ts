import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from './digest.ts'
import { parseImageConfig } from './image-config.ts'

const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [digestOf('one'), digestOf('two')] } }

test('a config is read with all that is in it', () => {
  const document = {
    ...config,
    created: '2024-05-06T07:08:09Z',
    config: { Cmd: ['sh'] },
    history: [{ created_by: 'RUN', empty_layer: true }],
  }
  assert.deepEqual(read(document), document)
})

test('docker leaves out the layers of an image that has none', () => {
  for (const rootfs of [{ type: 'layers' }, { type: 'layers', diff_ids: null }])
    assert.deepEqual(read({ ...config, rootfs }).rootfs.diff_ids, [])
})

const WRONG: readonly (readonly [what: string, document: object, why: RegExp])[] = [
  ['without os', { ...config, os: undefined }, /os is undefined/],
  ['with a number for its architecture', { ...config, architecture: 64 }, /architecture is 64/],
  ['without rootfs', { ...config, rootfs: undefined }, /rootfs\.type is undefined, expected "layers"/],
  ['with rootfs of another type', { ...config, rootfs: { ...config.rootfs, type: 'layers+base' } }, /rootfs\.type is "layers\+base"/],
  [
    'with a diffID that is none',
    { ...config, rootfs: { type: 'layers', diff_ids: ['sha256:../..'] } },
    /diff_ids is not a list of digests/,
  ],
  ['with one diffID for a list', { ...config, rootfs: { type: 'layers', diff_ids: digestOf('one') } }, /diff_ids is not a list of digests/],
]

for (const [what, document, why] of WRONG)
  test(`a config ${what} is refused`, () => {
    assert.throws(() => read(document), { name: 'OciError', code: 'INVALID_DOCUMENT', message: why })
  })

test('what is no JSON is refused', () => {
  assert.throws(() => parseImageConfig(Buffer.from('{')), { code: 'INVALID_DOCUMENT', message: 'reading image config: not JSON' })
})

function read(document: object): ReturnType<typeof parseImageConfig> {
  return parseImageConfig(Buffer.from(JSON.stringify(document)))
}
