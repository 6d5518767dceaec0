import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

// Before the fixture looks for what is left.
after(async () => {
  await ok('rm', '-f', 'up', 'done', 'failed', 'made')
  await ok('volume', 'rm', 'data')
})

const { gocker, image, prints: ok, eventually } = detachedFixture('busybox')
const lines = (text: string) => text.split('\n').filter((line) => line !== '')
const names = async (...filters: string[]) => lines(await ok('ps', '-a', ...filters, '--format', '{{.Names}}')).sort()

before(async () => {
  // The fixture's own hook may be at work still.
  await eventually(async () => (await ok('images', '-q')) !== '')
  await image('other', 'ENV PATH=/bin', 'EXPOSE 80', 'CMD ["sleep", "1000"]')
  const common = ['--network', 'none']
  await ok('run', '-d', ...common, '--name', 'up', '-l', 'tier=db', '-l', 'x', '-v', 'data:/data', 'busybox', 'sleep', '1000')
  await ok('run', ...common, '--name', 'done', '-l', 'tier=web', 'busybox', 'true')
  await gocker(['run', ...common, '--name', 'failed', 'busybox', 'sh', '-c', 'echo written > /file; exit 3'])
  await ok('create', ...common, '--name', 'made', 'other')
})
test('ps lists those that run, with all that docker tells', async () => {
  const table = await ok('ps')
  assert.match(table, /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/m)
  assert.match(table, /^[0-9a-f]{12} +busybox +"sleep 1000" +\S.* ago +Up .* {2,}up$/m)
  assert.equal(lines(table).length, 2)
  assert.deepEqual(await names(), ['done', 'failed', 'made', 'up'])
  const all = await ok('ps', '-a')
  assert.match(all, /Exited \(0\) .* ago +done$/m)
  assert.match(all, /"sh -c echo written …" .*Exited \(3\) .* ago +failed$/m)
  assert.match(all, /Created +made$/m)
})

const FILTERS: [filters: string[], found: string[]][] = [
  [['exited=3'], ['failed']],
  [['name=ed?$'], ['done', 'failed', 'made']],
  [['label=tier=db', 'label=x'], ['up']],
  [['ancestor=other'], ['made']],
  [['volume=data'], ['up']],
  [['network=bridge'], []],
  [['since=done'], ['failed', 'made']],
]

for (const [filters, found] of FILTERS)
  test(`--filter ${filters.join(' ')} leaves ${found.join(', ') || 'none'}`, async () => {
    assert.deepEqual(await names(...filters.flatMap((filter) => ['--filter', filter])), found)
  })

test('a filter by id takes its beginning; what is no filter is refused', async () => {
  const [id = ''] = lines(await ok('ps', '-q', '--no-trunc'))
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.deepEqual(await names('--filter', `id=${id.slice(0, 9)}`), ['up'])
  refused(await gocker(['ps', '--filter', 'colour=red']), 125, /no filter is called colour\n {2}hint: there are id, name, /)
  refused(await gocker(['ps', '--filter', 'status=asleep']), 125, /no status is called so/)
  refused(await gocker(['ps', '--filter', 'name']), 125, /not key=value/)
})

test('the last ones are told, whatever they do, and how much they have written', async () => {
  assert.deepEqual(lines(await ok('ps', '-l', '--format', '{{.Names}}')), ['made'])
  assert.deepEqual(lines(await ok('ps', '-n', '2', '--format', '{{.Names}}')), ['made', 'failed'])
  assert.match(await ok('ps', '-as', '--filter', 'name=failed'), /SIZE\n.* [\d.]+kB \(virtual [\d.]+MB\)$/m)
})

test('templates, tables of them, and JSON', async () => {
  const only = ['--filter', 'name=up']
  assert.equal(
    await ok('ps', ...only, '--format', 'table {{.Names}}\\t{{.State}}\\t{{.Label "tier"}}\\t{{.Mounts}}'),
    'NAMES   STATE     tier   MOUNTS\nup      running   db     data\n',
  )
  assert.equal(await ok('ps', ...only, '--format', '{{upper .Names}} {{.Networks}} {{.LocalVolumes}}'), 'UP none 1\n')
  const row = JSON.parse(await ok('ps', ...only, '--format', 'json'))
  assert.deepEqual([row.Names, row.Image, row.State, row.Command, row.Labels], ['up', 'busybox', 'running', '"sleep 1000"', 'tier=db,x='])
  refused(await gocker(['ps', '--format', '{{.Nope}}']), 125, /reading Nope of \.: there is no such field\n {2}hint: .*Names/)
})

test('a paused container and a healthy one say so', async () => {
  await ok('pause', 'up')
  assert.match(await ok('ps'), /Up .* \(Paused\) +up$/m)
  await ok('unpause', 'up')
  const check = ['--health-cmd', 'true', '--health-interval', '200ms']
  await ok('run', '-d', '--network', 'none', '--name', 'checked', ...check, 'busybox', 'sleep', '1000')
  try {
    await eventually(async () => /Up .* \(healthy\) +checked$/m.test(await ok('ps')))
    assert.deepEqual(await names('--filter', 'health=healthy'), ['checked'])
  } finally {
    await ok('rm', '-f', 'checked')
  }
})

test('container ls is ps, and prune takes those that do not run', async () => {
  assert.equal(await ok('container', 'ls', '-aq'), await ok('ps', '-aq'))
  await ok('create', '--name', 'old', '-l', 'prune=me', 'other')
  assert.equal(await ok('container', 'prune', '-f', '--filter', 'until=1h'), 'Total reclaimed space: 0B\n')
  assert.match(
    await ok('container', 'prune', '-f', '--filter', 'label=prune'),
    /^Deleted Containers:\nold\n\nTotal reclaimed space: [\d.]+kB\n$/,
  )
  assert.deepEqual(await names(), ['done', 'failed', 'made', 'up'])
})
