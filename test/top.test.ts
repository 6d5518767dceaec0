import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker } = runFixture('busybox')

async function container(t: TestContext, name: string): Promise<number> {
  t.after(() => gocker(['rm', '-f', name]))
  succeeded(await gocker(['run', '-d', '--name', name, 'busybox', 'sh', '-c', 'sleep 1001 & exec sleep 1002']))
  const [{ State }] = JSON.parse(succeeded(await gocker(['inspect', name])).stdout)
  return State.Pid
}

const lines = (text: string): string[] => text.trimEnd().split('\n')
const top = async (...words: readonly string[]): Promise<string[]> => lines(succeeded(await gocker(['top', ...words])).stdout)

test("a container's processes are shown as ps -ef shows them", async (t) => {
  const pid = await container(t, 'shown')
  succeeded(await gocker(['exec', '-d', '-u', 'nobody', 'shown', 'sleep', '1003']))
  const [titles, ...rows] = await top('shown')
  assert.match(titles ?? '', /^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/)
  const commands = rows.map((row) => /sleep \d+$/.exec(row)?.[0]).sort()
  assert.deepEqual(commands, ['sleep 1001', 'sleep 1002', 'sleep 1003'])
  const host = lines(execFileSync('ps', ['-ef', '-q', `${pid}`], { encoding: 'utf8' }))
  assert.ok(rows.map((row) => row.split(/\s+/).join(' ')).includes(`${host[1]?.split(/\s+/).join(' ')}`), `${rows}\n${host}`)
  assert.match(rows.find((row) => row.endsWith('1003')) ?? '', /^nobody /)
})

test('options are those of ps', async (t) => {
  const pid = await container(t, 'asked')
  assert.match(
    (await top('asked', '-o', 'pid,stat,args')).join('\n'),
    new RegExp(`^PID +STAT +COMMAND\n(.*\n)?${pid} +Ss +sleep 1002$`, 'm'),
  )
  assert.match((await top('asked', 'aux'))[0] ?? '', /^USER +PID +%CPU/)
  refused(await gocker(['top', 'asked', '-o', 'args']), 125, /does not say the PID/)
  refused(await gocker(['top', 'asked', '--nonsense']), 125, /running ps --nonsense/)
})

test('a container that does not run has no processes', async (t) => {
  await container(t, 'ended')
  succeeded(await gocker(['kill', 'ended']))
  refused(await gocker(['top', 'ended']), 125, /listing the processes of container ended: it is not running/)
  refused(await gocker(['top', 'nosuch']), 125, /finding container nosuch/)
})
