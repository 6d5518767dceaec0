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

const WRONG_CONFIGS: Readonly<Record<string, readonly [config: unknown, why: RegExp]>> = {
  'that is a list': [[], /config is not an object/],
  'with a command for the words of one': [{ Cmd: 'sh' }, /config\.Cmd is "sh", expected a list of texts/],
  'with a number among the words': [{ Entrypoint: ['sh', 1] }, /config\.Entrypoint is \["sh",1\]/],
  'with an object for variables': [{ Env: { A: 'b' } }, /config\.Env is/],
  'with a directory that is none': [{ WorkingDir: 1 }, /config\.WorkingDir is 1, expected a text/],
  'with a number for a label': [{ Labels: { a: 1 } }, /config\.Labels is \{"a":1\}, expected an object of texts/],
  'with a list of volumes': [{ Volumes: ['/data'] }, /config\.Volumes is/],
  'with a text for a time': [{ Healthcheck: { Interval: '1s' } }, /config\.Healthcheck\.Interval is "1s", expected a number/],
}

for (const [what, [inner, why]] of Object.entries(WRONG_CONFIGS))
  test(`a config of containers ${what} is refused`, () => {
    assert.throws(() => read({ ...config, config: inner }), { name: 'OciError', code: 'INVALID_DOCUMENT', message: why })
  })

test('a history of what are no entries is refused', () => {
  for (const history of ['x', [1], [{ created_by: 1 }]])
    assert.throws(() => read({ ...config, history }), { code: 'INVALID_DOCUMENT', message: /history/ })
})

test('what is null is as what is not there', () => {
  const nothing = { Cmd: null, Env: null, Labels: null, WorkingDir: null, Healthcheck: null, Volumes: null }
  assert.deepEqual(read({ ...config, config: { ...nothing, User: 'u' }, history: null }), { ...config, config: { User: 'u' } })
  assert.deepEqual(read({ ...config, config: null }), config)
})

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
