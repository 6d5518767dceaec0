import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detachedFixture } from './support/detached.ts'
import { refused, succeeded } from './support/running.ts'

const { gocker, prints, runDetached, status, eventually, said } = detachedFixture('busybox')

test('what is paused stands still, until it is unpaused, stopped or killed', async () => {
  await runDetached('--name', 'still', 'busybox', 'sh', '-c', 'trap "exit 5" TERM; while :; do echo tick; sleep 0.01; done')
  await eventually(() => said('still') !== '')
  assert.equal(await prints('pause', 'still'), 'still\n')
  assert.match(await status('still'), /^Up .*\(Paused\)$/)
  const before = said('still')
  refused(await gocker(['pause', 'still']), 1, /pausing container still: it is paused already/)
  refused(await gocker(['start', 'still']), 1, /starting container still: it is paused/)
  assert.equal(said('still'), before)
  assert.equal(await prints('unpause', 'still'), 'still\n')
  await eventually(() => said('still').length > before.length)
  refused(await gocker(['unpause', 'still']), 1, /unpausing container still: it is not paused/)
  succeeded(await gocker(['pause', 'still']))
  succeeded(await gocker(['stop', 'still']))
  assert.match(await status('still'), /^Exited \(5\)/)
  refused(await gocker(['pause', 'still']), 1, /pausing container still: it is not running/)
  succeeded(await gocker(['start', 'still']))
  succeeded(await gocker(['pause', 'still']))
  succeeded(await gocker(['kill', 'still']))
  succeeded(await gocker(['rm', 'still']))
})

test('limits are changed of what runs, and hold at the next start', async () => {
  const script = 'while :; do cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; sleep 0.05; done'
  await runDetached('--name', 'limited', '--memory', '64m', 'busybox', 'sh', '-c', script)
  await eventually(() => said('limited').startsWith(`${64 * 1024 ** 2}\n`))
  assert.equal(await prints('update', '-m', '96m', 'limited'), 'limited\n')
  await eventually(() => said('limited').endsWith(`${96 * 1024 ** 2}\n`))
  const length = said('limited').length
  succeeded(await gocker(['restart', '-t', '0', 'limited']))
  await eventually(() => said('limited').length > length + 20)
  assert.doesNotMatch(said('limited').slice(length), new RegExp(`^${64 * 1024 ** 2}$`, 'm'))
  refused(await gocker(['update', '--cpus', '100000', 'limited']), 1, /limiting cpus: 100000/)
  refused(await gocker(['update', 'limited']), 125, /nothing is said to be changed/)
  succeeded(await gocker(['rm', '-f', 'limited']))
})

test('a container is renamed while it runs', async () => {
  await runDetached('--name', 'before', 'busybox', 'sleep', '1000')
  await runDetached('--name', 'other', 'busybox', 'sleep', '1000')
  assert.equal(await prints('rename', 'before', 'after'), '')
  assert.match(await status('after'), /^Up /)
  refused(await gocker(['rename', 'after', 'other']), 125, /renaming container after to other: another container has this name/)
  refused(await gocker(['rename', 'after', '-x']), 125, /unknown option|not two to 128/)
  refused(await gocker(['rename', 'before', 'third']), 125, /finding container before: there is none/)
  succeeded(await gocker(['rm', '-f', 'after', 'other']))
})
