import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { readEvents, type StoreErrorCode } from './index.ts'
import { temporaryStore } from './testing/temporary-store.ts'

const failsWith = (code: StoreErrorCode) => (error: unknown) => (error as { code?: string }).code === code

test('a volume is a directory with a name, labels and a date', async (t) => {
  const { volumes, paths } = await temporaryStore(t)
  const made = await volumes.create({ name: 'data', labels: { tier: 'db' } })
  assert.deepEqual(await volumes.get('data'), made)
  assert.deepEqual(
    { ...made, created: '' },
    { name: 'data', path: paths.volume('data'), created: '', labels: { tier: 'db' }, options: {}, anonymous: false },
  )
  assert.ok(Math.abs(Date.parse(made.created) - Date.now()) < 60_000)
  assert.deepEqual(readdirSync(made.path), [])
})

test('one that is there stays as it is, one without a name gets one', async (t) => {
  const { volumes } = await temporaryStore(t)
  const made = await volumes.create({ name: 'data', labels: { a: '1' } })
  writeFileSync(join(made.path, 'file'), 'kept')
  assert.deepEqual(await volumes.create({ name: 'data', labels: { a: '2' } }), made)
  assert.deepEqual(readdirSync(made.path), ['file'])
  const nameless = await volumes.create()
  assert.match(nameless.name, /^[0-9a-f]{64}$/)
  assert.equal(nameless.anonymous, true)
  assert.deepEqual((await volumes.list()).map(({ name }) => name).sort(), ['data', nameless.name].sort())
})

test('a directory that a container made by naming it is a volume, too', async (t) => {
  const { volumes, paths } = await temporaryStore(t)
  mkdirSync(paths.volume('made-by-run'))
  const { labels, anonymous, created } = await volumes.get('made-by-run')
  assert.deepEqual([labels, anonymous], [{}, false])
  assert.ok(Math.abs(Date.parse(created) - Date.now()) < 60_000)
})

test('a volume can show a directory of the host, which outlives it', async (t) => {
  const { volumes } = await temporaryStore(t)
  const device = temporaryDirectory(t)
  writeFileSync(join(device, 'file'), 'of the host')
  const options = { type: 'none', o: 'bind', device }
  const { path } = await volumes.create({ name: 'bound', options })
  assert.deepEqual(readdirSync(path), ['file'])
  assert.deepEqual((await volumes.get('bound')).options, options)
  await volumes.remove('bound')
  assert.deepEqual([await volumes.find('bound'), readdirSync(device)], [undefined, ['file']])
})

const REFUSED: [what: string, options: Record<string, string>, said: RegExp][] = [
  ['memory', { type: 'tmpfs', device: 'tmpfs' }, /a volume in memory is not supported/],
  ['another file system', { type: 'nfs', o: 'addr=1.2.3.4', device: ':/x' }, /type=nfs o=addr=1\.2\.3\.4 is not supported/],
  ['a device that is not there', { type: 'none', o: 'bind', device: '/no/such' }, /device \/no\/such is not a directory/],
  ['a relative device', { o: 'bind', device: 'here' }, /device "here" is not an absolute path/],
  ['an option that there is not', { size: '1g' }, /there is no option size/],
]

for (const [what, options, said] of REFUSED)
  test(`${what} is refused`, async (t) => {
    const { volumes } = await temporaryStore(t)
    await assert.rejects(volumes.create({ name: 'data', options }), said)
    assert.deepEqual(await volumes.list(), [])
  })

test('names that are none are refused', async (t) => {
  const { volumes } = await temporaryStore(t)
  for (const name of ['../x', '.hidden', 'a/b', 'x', '']) await assert.rejects(volumes.create({ name }), failsWith('INVALID_NAME'))
  for (const name of ['../x', '.data.json', '']) {
    assert.equal(await volumes.find(name), undefined)
    await assert.rejects(volumes.remove(name), failsWith('NOT_FOUND'))
  }
})

test('a volume goes with its content, and not while a container has it', async (t) => {
  const store = await temporaryStore(t)
  const { volumes, containers } = store
  const { path } = await volumes.create({ name: 'data' })
  writeFileSync(join(path, 'file'), 'x'.repeat(10_000))
  const mounts = [
    { type: 'volume', name: 'data', destination: '/data' },
    { type: 'bind', source: '/x' },
  ]
  const user = await containers.create({ name: 'user', options: { mounts } })
  assert.deepEqual(
    [...(await volumes.users())].map(([name, users]) => [name, users.map((each) => each.name)]),
    [['data', ['user']]],
  )
  await assert.rejects(volumes.remove('data'), /container user mounts it/)
  await assert.rejects(volumes.remove('data', { force: true }), failsWith('IN_USE'))
  await containers.remove(user.id)
  assert.ok(((await volumes.remove('data')) as number) >= 10_000)
  await assert.rejects(volumes.remove('data'), failsWith('NOT_FOUND'))
  assert.equal(await volumes.remove('data', { force: true }), undefined)
  assert.deepEqual(readdirSync(store.paths.volumes), [])
  const events = await Array.fromAsync(readEvents(store), ({ Action, Actor }) => `${Action} ${Actor.ID}`)
  assert.deepEqual(events, ['create data', 'destroy data'])
})

test('what is known of a volume that never came to be goes with a prune', async (t) => {
  const { paths, volumes, prune } = await temporaryStore(t)
  await volumes.create({ name: 'here' })
  writeFileSync(paths.volumeFacts('absent'), '{}')
  assert.deepEqual(
    (await prune()).removed.map(({ name }) => name),
    [paths.volumeFacts('absent')],
  )
  assert.deepEqual(readdirSync(paths.volumes).sort(), ['.here.json', 'here'])
})
