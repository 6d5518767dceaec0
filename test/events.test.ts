import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGocker } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

const { gocker, prints: ok, root, eventually } = detachedFixture('busybox')

const actions = async (...words: string[]) =>
  (await ok('events', '--since', '10m', '--until', '0s', '--format', '{{.Action}}', ...words)).split('\n').filter(Boolean)

test('a life is told from its beginning to its end', async () => {
  const run = ['run', '-d', '--rm', '--network', 'none', '--name', 'told', '-l', 'a=b', '-v', 'told:/x']
  const id = (await ok(...run, 'busybox', 'sleep', '1000')).trim()
  await ok('kill', 'told')
  await eventually(async () => (await actions('--filter', 'container=told')).includes('destroy'))
  assert.deepEqual(await actions('--filter', 'container=told'), ['create', 'start', 'kill', 'die', 'destroy'])
  assert.deepEqual(await actions('--filter', 'volume=told'), ['create'])
  assert.deepEqual(await actions('--filter', 'type=container', '--filter', 'event=die', '--filter', 'label=a=b'), ['die'])
  assert.deepEqual(await actions('--filter', 'label=a=c'), [])
  await ok('volume', 'rm', 'told')
  assert.deepEqual(await actions('--filter', 'type=volume'), ['create', 'destroy'])
  const [line] = (await ok('events', '--since', '10m', '--until', '0s', '--filter', 'event=die')).split('\n')
  assert.match(
    line ?? '',
    new RegExp(
      `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}\\S+ container die ${id} \\(a=b, exitCode=137, image=busybox, name=told\\)$`,
    ),
  )
})

test('who looks on sees what happens, as JSON', async () => {
  const looking = startGocker(['events', '--format', 'json', '--filter', 'container=seen'], { root })
  let seen = ''
  looking.child.stdout?.on('data', (chunk) => {
    seen += chunk
  })
  // It says nothing until something happens: so something does, until it is seen.
  await eventually(async () => {
    await ok('run', '--rm', '--network', 'none', '--name', 'seen', 'busybox', 'true')
    return seen.includes('"destroy"') || seen.includes('"start"')
  })
  looking.child.kill('SIGINT')
  const { code } = await looking.result
  const event = JSON.parse(seen.slice(0, seen.indexOf('\n')))
  assert.deepEqual([code, event.Type, event.Actor.Attributes.name, event.scope], [0, 'container', 'seen', 'local'])
  assert.ok(Math.abs(event.timeNano / 1e9 - event.time) < 1)
})

test('what cannot be read is refused', async () => {
  refused(await gocker(['events', '--since', 'yesterday', '--until', '0s']), 125, /reading --since "yesterday": not a time/)
  refused(await gocker(['events', '--filter', 'colour=red', '--until', '0s']), 125, /no filter is called colour/)
  refused(await gocker(['events', '--format', 'table {{.Action}}', '--until', '0s']), 125, /events come one by one/)
})
