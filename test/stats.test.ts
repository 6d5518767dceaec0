import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gockerTerminal } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

// Before the fixture looks for what is left.
after(() => ok('rm', '-f', 'busy', 'idle', 'ended'))

const { gocker, prints: ok, root, runDetached, eventually } = detachedFixture('busybox')

before(async () => {
  // The fixture's own hook may be at work still.
  await eventually(async () => (await ok('images', '-q')) !== '')
  await runDetached('--name', 'busy', '--memory', '32m', 'busybox', 'sh', '-c', 'while :; do :; done')
  await runDetached('--name', 'idle', 'busybox', 'sh', '-c', 'sleep 1000 & wait')
  await ok('run', '--network', 'none', '--name', 'ended', 'busybox', 'true')
})

test('what containers use is told once, as docker tells it', async () => {
  const table = await ok('stats', '--no-stream')
  assert.match(table, /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/m)
  assert.match(table, /^[0-9a-f]{12} +busy +[\d.]+% +[\d.]+[KM]iB \/ 32MiB +[\d.]+% +0B \/ 0B +\S+ \/ \S+ +1$/m)
  assert.match(table, /^[0-9a-f]{12} +idle +[\d.]+% .* 2$/m)
  assert.doesNotMatch(table, /ended/)
  const [busy, idle] = await Promise.all(['busy', 'idle'].map((name) => ok('stats', '--no-stream', '--format', '{{.CPUPerc}}', name)))
  assert.ok(Number.parseFloat(busy ?? '') > Number.parseFloat(idle ?? ''), `${busy} is more than ${idle}`)
})

test('those that do not run are told when they are asked for', async () => {
  assert.match(await ok('stats', '--no-stream', '-a'), / ended +0\.00% +0B \/ 0B +0\.00% /)
  const [row] = (await ok('stats', '--no-stream', '--format', 'json', 'ended')).split('\n')
  assert.deepEqual([JSON.parse(row ?? '').Name, JSON.parse(row ?? '').PIDs], ['ended', '0'])
  refused(await gocker(['stats', '--no-stream', 'nope']), 125, /finding container nope: there is none/)
})

test('on a terminal there are bars, drawn again in their place until Ctrl-C', async () => {
  await using terminal = await gockerTerminal(['stats'], { root, size: { columns: 130, rows: 20 } })
  await terminal.waitFor(/^[0-9a-f]{12} +busy +[\d.]+% +[█▏▎▍▌▋▊▉░]{6,} /m)
  const first = await terminal.screen()
  await terminal.waitFor(new RegExp(`^(?!${first.split('\n').find((line) => line.includes(' busy '))}$)[0-9a-f]{12} +busy `, 'm'))
  assert.equal((await terminal.screen()).match(/ busy /g)?.length, 1)
  await terminal.press('C-c')
  assert.equal((await terminal.exited()).code, 0)
})
