import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { leaks, startGocker } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { succeeded } from './support/running.ts'

const { gocker, prints, runDetached, status, eventually, stateOf, root } = detachedFixture('busybox')

const RUN = ['run', '-d', '--network', 'none']

/** The ids that stand in the store and in the run directory. */
function left(): string[] {
  return ['store/containers', 'run'].flatMap((name) => readdirSync(join(root, name)).filter((entry) => /^[0-9a-f]{64}$/.test(entry)))
}

async function removesAll(): Promise<void> {
  const ids = (await prints('ps', '-aq')).split('\n').filter((id) => id !== '')
  if (ids.length > 0) succeeded(await gocker(['rm', '-f', ...ids]))
  succeeded(await gocker(['system', 'prune']))
  assert.deepEqual(left(), [])
}

test('gocker killed at any moment of a start: what runs is listed and can be stopped, and of the others nothing stays', async () => {
  const watch = leaks(root)
  const begin = performance.now()
  await runDetached('--name', 'whole', 'busybox', 'sleep', '1000')
  const duration = performance.now() - begin
  for (let count = 0; count < 12; count++) {
    const running = startGocker([...RUN, '--name', `start-${count}`, 'busybox', 'sleep', '1000'], { root })
    await delay((duration * (count + 1)) / 13)
    killed(running.pid)
    await running.result
  }
  succeeded(await gocker(['stop', '-t', '0', ...(await prints('ps', '-q')).trim().split('\n')]))
  assert.equal(await prints('ps', '-q'), '')
  await removesAll()
  await watch.assertNone()
})

test('a monitor that is killed takes its container with it, which can be started again', async () => {
  await runDetached('--name', 'orphan', 'busybox', 'sh', '-c', 'trap "" TERM HUP INT; sleep 1000 & wait; sleep 1000')
  process.kill(stateOf('orphan').monitor.pid, 'SIGKILL')
  await eventually(async () => /^Exited \(137\)/.test(await status('orphan')))
  succeeded(await gocker(['start', 'orphan']))
  assert.match(await status('orphan'), /^Up /)
  await removesAll()
})

test('a clean-up that is killed is made up for, by the next command or by prune', async () => {
  const watch = leaks(root)
  for (const moment of [0, 20, 40, 60, 80]) {
    await runDetached('--name', 'over', '--rm', 'busybox', 'sh', '-c', 'sleep 0.5; exit 3')
    const { pid, monitor } = stateOf('over')
    await eventually(() => !existsSync(`/proc/${pid}`))
    await delay(moment)
    killed(monitor.pid)
    succeeded(await gocker(['system', 'prune']))
    await eventually(() => left().length === 0)
  }
  await watch.assertNone()
})

test('many at once, beside lists and removals, stay apart', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `many-${index}`)
  const begun = names.map((name) => gocker([...RUN, '--name', name, 'busybox', 'sleep', '1000']))
  const lists = [1, 2, 3].map(() => gocker(['ps', '-a']))
  for (const result of await Promise.all([...begun, ...lists])) succeeded(result)
  assert.deepEqual((await prints('ps', '--format', '{{.Names}}')).trim().split('\n').sort(), [...names].sort())
  const [removed, stopped] = [names.slice(0, 6), names.slice(6)]
  const work = [
    ...removed.map((name) => ['rm', '-f', name]),
    ...stopped.map((name) => ['stop', '-t', '0', name]),
    ['ps'],
    ['system', 'prune'],
  ]
  for (const result of await Promise.all(work.map((words) => gocker(words)))) succeeded(result)
  assert.equal(await prints('ps', '-q'), '')
  await removesAll()
})

test('a name is given once, whoever asks for it at the same time', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => gocker([...RUN, '--name', 'wanted', 'busybox', 'sleep', '1000'])))
  assert.deepEqual(results.map(({ code }) => code).sort(), [0, 125, 125, 125])
  await removesAll()
})

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has done its work.
  }
}
