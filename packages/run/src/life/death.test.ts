import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { processStartTime } from '@gocker/kernel'
import { type Sandbox, sandbox, shell } from '../testing/sandbox.ts'

const PROGRAM = fileURLToPath(new URL('../testing/run-until-killed.ts', import.meta.url))

function startGocker({ store, layer }: Sandbox, command: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, store.paths.root, store.paths.run, layer, ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function gone(pid: number): Promise<void> {
  while (processStartTime(pid) !== undefined) await delay(10)
}

test('a container ends when gocker is killed, whatever it does against it', async (t) => {
  const box = await sandbox(t)
  const gocker = startGocker(box, shell('trap "" TERM HUP INT; sleep 60 & sleep 60 & wait'))
  const [pid] = (await once(gocker.stdout as NonNullable<typeof gocker.stdout>, 'data')) as [Buffer]
  gocker.kill('SIGKILL')
  await gone(Number(pid))
  await box.leaks.assertNone()
})

test('a container ends when its monitor is killed', async (t) => {
  const { create, leaks } = await sandbox(t)
  const container = await create({ command: ['sleep', '60'] })
  const running = await container.start()
  const monitor = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[1])
  process.kill(monitor, 'SIGKILL')
  const { code, signal } = await running.exited
  assert.deepEqual([code, signal], [137, 'SIGKILL'])
  await leaks.assertNone()
})

test('gocker killed at any moment leaves no mount, cgroup or process', async (t) => {
  const box = await sandbox(t)
  for (const moment of [100, 150, 200, 250, 300, 350, 400, 450]) {
    const gocker = startGocker(box, ['sleep', '60'])
    await delay(moment)
    gocker.kill('SIGKILL')
    await once(gocker, 'close')
  }
  await box.store.prune()
  await box.leaks.assertNone()
})

test('the monitor costs no more than some pages', async (t) => {
  const { run } = await sandbox(t)
  await run(
    ['sleep', '1'],
    {},
    {
      act: ({ pid, kill }) => {
        const monitor = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        const anonymous = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${monitor}/status`, 'utf8'))?.[1]
        assert.ok(Number(anonymous) <= 64, `${anonymous} kB`)
        kill('KILL')
      },
    },
  )
})
