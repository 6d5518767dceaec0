import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { leaks } from '@gocker/testkit'
import { runFixture, succeeded } from './support/running.ts'

const { gocker, output, start, root } = runFixture('busybox')

/** What a command prints that is to be killed while it runs: then its container runs, too. */
const LONG = ['busybox', 'sh', '-c', 'echo ready; sleep 1000 & while :; do echo x > /file; done']

/** What stands in the store and in the run directory beside images. */
function left(): string[] {
  return ['store/containers', 'run'].flatMap((name) => readdirSync(join(root, name)).filter((entry) => /^[0-9a-f]{64}$/.test(entry)))
}

async function prunes(): Promise<void> {
  succeeded(await gocker(['system', 'prune']))
  assert.deepEqual(left(), [])
}

test('a container dies with the gocker that is killed, and prune finds the rest', async () => {
  const watch = leaks(root)
  for (const flags of [[], ['--init'], ['-v', '/data'], ['-u', 'alice', '-w', '/tmp'], ['--memory', '64m']]) {
    const command = flags.includes('-u') ? ['busybox', 'sh', '-c', 'echo ready; sleep 1000'] : LONG
    const running = start([...flags, ...command])
    await new Promise((resolve) => running.child.stdout?.once('data', resolve))
    process.kill(running.pid, 'SIGKILL')
    assert.equal((await running.result).signal, 'SIGKILL')
    assert.equal(await output(['busybox', 'echo', 'next']), 'next\n')
    await prunes()
    await watch.assertNone()
  }
})

test('killed at any moment of the start, nothing stays', async () => {
  const watch = leaks(root)
  const duration = await startingTime()
  for (let count = 0; count < 12; count++) {
    const moment = Math.random() * duration * 1.2
    const running = start(LONG)
    await delay(moment)
    process.kill(running.pid, 'SIGKILL')
    await running.result
    if (count % 4 === 3) assert.equal(await output(['busybox', 'echo', 'next']), 'next\n', `after ${moment} ms`)
  }
  await prunes()
  await watch.assertNone()
})

/** Milliseconds until a container's first word. */
async function startingTime(): Promise<number> {
  const begin = performance.now()
  const running = start(['busybox', 'echo', 'ready'])
  await new Promise((resolve) => running.child.stdout?.once('data', resolve))
  const duration = performance.now() - begin
  await running.result
  return duration
}

test('SIGTERM and SIGINT at any moment of the start leave at most what prune finds', async () => {
  const watch = leaks(root)
  const duration = await startingTime()
  for (let count = 0; count < 6; count++) {
    const running = start(['--init', ...LONG])
    await delay(Math.random() * duration * 1.2)
    process.kill(running.pid, count % 2 === 0 ? 'SIGTERM' : 'SIGINT')
    await running.result
  }
  await prunes()
  await watch.assertNone()
})

test('a container is listed as ended when its gocker was killed, and can be removed', async () => {
  const running = start(['--name', 'orphan', ...LONG])
  await new Promise((resolve) => running.child.stdout?.once('data', resolve))
  process.kill(running.pid, 'SIGKILL')
  await running.result
  // The container's end comes a moment after gocker's.
  while ((await gocker(['ps', '-q'])).stdout !== '') await delay(20)
  assert.match((await gocker(['ps', '-a'])).stdout, / Exited \(137\).* orphan\n/)
  assert.equal((await gocker(['rm', 'orphan'])).stdout, 'orphan\n')
  await prunes()
})

test('prune leaves a container alone that runs', async () => {
  const running = start(['--name', 'alive', ...LONG])
  await new Promise((resolve) => running.child.stdout?.once('data', resolve))
  succeeded(await gocker(['system', 'prune']))
  assert.match((await gocker(['ps'])).stdout, /Up .* alive\n/)
  succeeded(await gocker(['rm', '-f', 'alive']))
  assert.equal((await running.result).code, 137)
})
