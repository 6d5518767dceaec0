import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detachedFixture, isRunning } from './support/detached.ts'
import { refused, succeeded } from './support/running.ts'

const { gocker, prints, runDetached, status, eventually, said } = detachedFixture('busybox')

const lines = (name: string) => said(name).split('\n').length - 1

test('on-failure starts again so many times, and not what succeeds', async () => {
  await runDetached('--name', 'failing', '--restart', 'on-failure:2', 'busybox', 'sh', '-c', 'echo run; exit 4')
  await runDetached('--name', 'fine', '--restart', 'on-failure', 'busybox', 'sh', '-c', 'echo run')
  await eventually(async () => lines('failing') === 3 && /^Exited \(4\)/.test(await status('failing')))
  assert.equal(lines('fine'), 1)
  assert.match(await status('fine'), /^Exited \(0\)/)
  succeeded(await gocker(['rm', 'failing', 'fine']))
})

test('always starts again until it is stopped, which counts while it waits for its start, too', async () => {
  await runDetached('--name', 'tireless', '--restart', 'always', 'busybox', 'sh', '-c', 'echo run; sleep 0.1')
  await eventually(() => lines('tireless') >= 3)
  await eventually(async () => /^Restarting/.test(await status('tireless')))
  assert.equal(await prints('stop', 'tireless'), 'tireless\n')
  assert.match(await status('tireless'), /^Exited \(0\)/)
  assert.equal(isRunning('gocker: tireless is to be started again'), false)
  succeeded(await gocker(['rm', 'tireless']))
})

test('what is killed stays dead, and can be removed by force while it waits', async () => {
  await runDetached('--name', 'killed', '--restart', 'unless-stopped', 'busybox', 'sleep', '1000')
  succeeded(await gocker(['kill', 'killed']))
  await eventually(async () => /^Exited \(137\)/.test(await status('killed')))
  succeeded(await gocker(['rm', 'killed']))
  await runDetached('--name', 'waiting', '--restart', 'always', 'busybox', 'false')
  await eventually(async () => /^Restarting/.test(await status('waiting')))
  succeeded(await gocker(['rm', '-f', 'waiting']))
})

test('a policy can be changed, but not of what goes when it ends', async () => {
  await runDetached('--name', 'changed', '--restart', 'always', 'busybox', 'sh', '-c', 'echo run; sleep 0.5; exit 1')
  assert.equal(await prints('update', '--restart', 'no', 'changed'), 'changed\n')
  await eventually(async () => /^Exited \(1\)/.test(await status('changed')))
  succeeded(await gocker(['rm', 'changed']))
  await runDetached('--rm', '--name', 'fleeting', 'busybox', 'sleep', '1000')
  refused(await gocker(['update', '--restart', 'always', 'fleeting']), 1, /one that goes when it ends cannot be started again/)
  succeeded(await gocker(['rm', '-f', 'fleeting']))
})
