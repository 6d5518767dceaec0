import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { sandbox, shell } from '../testing/sandbox.ts'
import { runContainer } from './run.ts'

test('a command is run to its end, and its output given to whom it is for', async (t) => {
  const { store, layer } = await sandbox(t)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const command = shell('seq 1 20000; echo err >&2; exit 3')
  const output = Promise.all([text(stdout), text(stderr)])
  const { code } = await runContainer({ store, network: 'none', rootfs: { lowers: [layer], config: {} }, command, stdout, stderr })
  for (const stream of [stdout, stderr]) stream.end()
  const [out, err] = await output
  assert.deepEqual([code, out.split('\n').slice(-2), err], [3, ['20000', ''], 'err\n'])
  assert.deepEqual(readdirSync(store.paths.containers), [])
})

test('an upper directory that was given keeps what the command wrote', async (t) => {
  const { store, layer, dir } = await sandbox(t)
  const { mkdirSync } = await import('node:fs')
  const [upper, work] = [`${dir}/upper`, `${dir}/work`]
  for (const path of [upper, work]) mkdirSync(path)
  await runContainer({
    store,
    network: 'none',
    rootfs: { lowers: [layer], upper, work, config: {} },
    command: shell('echo x > /made; rm /etc/group'),
  })
  assert.deepEqual(readdirSync(upper).includes('made'), true)
})

test('an abort ends it with the reason', async (t) => {
  const { store, layer, leaks } = await sandbox(t)
  const controller = new AbortController()
  const stdout = new PassThrough()
  stdout.once('data', () => controller.abort(new Error('enough')))
  const command = shell('echo ready; sleep 60')
  const running = runContainer({
    store,
    network: 'none',
    rootfs: { lowers: [layer], config: {} },
    command,
    stdout,
    signal: controller.signal,
  })
  await assert.rejects(running, /enough/)
  await leaks.assertNone()
})
