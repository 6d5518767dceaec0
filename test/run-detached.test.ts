import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { detachedFixture, isRunning } from './support/detached.ts'
import { refused, succeeded } from './support/running.ts'

const { gocker, prints, runDetached, status, bundle, eventually, stateOf, said } = detachedFixture('busybox')

test('run -d prints the id, and nothing of gocker stays but the monitor', async () => {
  const id = await runDetached('--name', 'only-monitor', 'busybox', 'sh', '-c', 'echo up; sleep 1000')
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.match(await status('only-monitor'), /^Up /)
  const { pid: monitor } = stateOf('only-monitor').monitor
  const resident = /^Rss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${monitor}/smaps_rollup`, 'utf8'))?.[1]
  assert.ok(Number(resident) < 64, `${resident} kB`)
  await eventually(() => said('only-monitor') === 'up\n')
  succeeded(await gocker(['rm', '-f', 'only-monitor']))
  await eventually(() => !isRunning('gocker: only-monitor'))
})

test('what cannot be started is told as in the foreground, and leaves nothing', async () => {
  refused(await gocker(['run', '-d', '--network', 'none', 'busybox', 'nope']), 127, /"nope": executable file not found/)
  refused(await gocker(['run', '-d', '--network', 'none', 'busybox', '/etc']), 126, /"\/etc": permission denied/)
  refused(await gocker(['run', '-d', '-w', 'relative', 'busybox', 'true']), 125, /not an absolute path/)
  assert.equal((await gocker(['ps', '-aq'])).stdout, '')
})

test('--rm removes it when it has ended, with the file of its id left', async (t) => {
  const file = join(temporaryDirectory(t), 'id')
  const id = await runDetached('--rm', '--cidfile', file, '--name', 'short', 'busybox', 'sh', '-c', 'exit 3')
  assert.equal(readFileSync(file, 'utf8'), id)
  await eventually(async () => (await gocker(['ps', '-aq'])).stdout === '')
  writeFileSync(file, '')
  refused(await gocker(['run', '-d', '--cidfile', file, 'busybox', 'true']), 125, /the file is there already/)
})

test('a log is bounded, or not kept', async () => {
  await runDetached('--name', 'bounded', '--log-opt', 'max-size=20k', '--log-opt', 'max-file=2', 'busybox', 'seq', '20000')
  await runDetached('--name', 'silent', '--log-driver', 'none', 'busybox', 'seq', '20000')
  assert.equal((await gocker(['wait', 'bounded', 'silent'])).stdout, '0\n0\n')
  assert.equal(await prints('logs', '--tail', '2', 'bounded'), '19999\n20000\n')
  assert.equal(existsSync(bundle('bounded', 'log.1')), true)
  assert.equal(existsSync(bundle('bounded', 'log.2')), false)
  assert.equal(existsSync(bundle('silent', 'log')), false)
  succeeded(await gocker(['rm', 'bounded', 'silent']))
})

const REFUSED: [flags: string[], said: RegExp][] = [
  [['--log-driver', 'syslog'], /log-driver "syslog": there is gocker, and none/],
  [['--log-opt', 'tag=x'], /log-opt "tag=x": there are max-size and max-file/],
  [['--log-opt', 'max-file=0'], /not 1 to 100 files/],
  [['--restart', 'sometimes'], /restart policy "sometimes": no such policy/],
  [['--rm', '--restart', 'always'], /conflicting options: --rm .* --restart/],
  [['--stop-signal', 'NOPE'], /stop-signal "NOPE": no such signal/],
  [['--stop-timeout', 'soon'], /stop-timeout "soon": not a whole number/],
]

for (const [flags, said] of REFUSED)
  test(`${flags.join(' ')} is refused`, async () => {
    refused(await gocker(['run', '-d', ...flags, 'busybox', 'true']), 125, said)
  })

test('a policy to start again needs the background', async () => {
  refused(await gocker(['run', '--restart', 'always', 'busybox', 'true']), 125, /--restart always/)
})
