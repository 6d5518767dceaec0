import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker, output } = runFixture('busybox')

const OFTEN = ['--health-interval', '100ms']

/** A container of one test's own, which sleeps. */
async function container(t: TestContext, name: string, flags: readonly string[], from = 'busybox'): Promise<void> {
  t.after(() => gocker(['rm', '-f', name]))
  succeeded(await gocker(['run', '-d', '--name', name, ...flags, from, 'sleep', '1000']))
}

async function image(name: string, check: string): Promise<void> {
  succeeded(await gocker(['build', '--network', 'none', '-t', name, '-'], { input: `FROM busybox\nHEALTHCHECK ${check}\n` }))
}

interface Health {
  readonly Status: string
  readonly FailingStreak: number
  readonly Log: readonly { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[]
}

/** As `gocker inspect` has it. */
async function health(name: string): Promise<Health | undefined> {
  const [container] = JSON.parse(succeeded(await gocker(['inspect', name])).stdout)
  return container.State.Health
}

async function until(name: string, isSo: (health: Health) => boolean): Promise<Health> {
  const end = Date.now() + 20_000
  for (;;) {
    const now = await health(name)
    if (now !== undefined && isSo(now)) return now
    assert.ok(Date.now() < end, JSON.stringify(now))
    await delay(20)
  }
}

/** The processes of this store's containers that are called so. */
function processesCalled(title: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => commandLine(pid) === title).map(Number)
}

function commandLine(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '')
  } catch {
    return undefined
  }
}

test('a container is starting, healthy, unhealthy after so many failures in a row, and healthy again', async (t) => {
  await container(t, 'changing', [...OFTEN, '--health-retries', '3', '--health-cmd', 'echo "looked"; test ! -e /sick'])
  const well = await until('changing', ({ Status }) => Status === 'healthy')
  assert.deepEqual([well.FailingStreak, well.Log.at(-1)?.ExitCode, well.Log.at(-1)?.Output], [0, 0, 'looked\n'])
  succeeded(await gocker(['exec', 'changing', 'touch', '/sick']))
  const sick = await until('changing', ({ Status }) => Status === 'unhealthy')
  assert.ok(sick.FailingStreak >= 3)
  assert.deepEqual(
    sick.Log.slice(-3).map(({ ExitCode }) => ExitCode),
    [1, 1, 1],
  )
  for (const { Start, End } of sick.Log) assert.ok(Start <= End && Date.now() - Date.parse(End) < 60_000)
  succeeded(await gocker(['exec', 'changing', 'rm', '/sick']))
  assert.equal((await until('changing', ({ Status }) => Status === 'healthy')).FailingStreak, 0)
  assert.equal((await until('changing', ({ Log }) => Log.length === 5)).Log.length, 5)
})

test("a check is the container's: its user, variables, directory, limits", async (t) => {
  const looks =
    'echo $(id -un) $(id -G) $PWD $A; grep -E "^(Cap|Sec|NoNew)" /proc/self/status | md5sum; cat /proc/self/cgroup | md5sum; ls /proc/self/fd'
  await container(t, 'checked', [...OFTEN, '-u', 'alice', '-w', '/tmp', '-e', 'A=b', '--cap-drop', 'ALL', '--health-cmd', looks])
  const { Log } = await until('checked', ({ Status }) => Status === 'healthy')
  const expected = succeeded(await gocker(['exec', 'checked', 'sh', '-c', looks])).stdout
  assert.match(expected, /^alice 1000 10 50 100 \/tmp b\n/)
  assert.equal(Log.at(-1)?.Output, expected)
})

test('one that takes too long is killed with what it has started', async (t) => {
  const flags = ['--health-timeout', '200ms', '--health-retries', '1', '--health-cmd', 'echo begun; sleep 983 & sleep 983']
  await container(t, 'late', ['--health-interval', '1s', ...flags])
  const { Log } = await until('late', ({ Status }) => Status === 'unhealthy')
  assert.deepEqual([Log.at(-1)?.ExitCode, Log.at(-1)?.Output], [-1, 'Health check exceeded timeout (200ms): begun\n'])
  // Between two checks none of them is there.
  const end = Date.now() + 20_000
  while ((await gocker(['exec', 'late', 'sh', '-c', 'ps -o args | grep -q "[s]leep 983"'])).code !== 1) assert.ok(Date.now() < end)
})

test('much output is read, and its beginning kept; a command that is not there is said', async (t) => {
  await container(t, 'loud', [...OFTEN, '--health-cmd', 'head -c 300000 /dev/zero | tr "\\0" x; echo end > /ended'])
  const { Log } = await until('loud', ({ Status }) => Status === 'healthy')
  assert.equal(Log.at(-1)?.Output, 'x'.repeat(4096))
  await image('missing', '--interval=100ms CMD ["/no/such", "command"]')
  await container(t, 'missing', [], 'missing')
  const { Log: told } = await until('missing', ({ Status }) => Status === 'unhealthy')
  assert.deepEqual([told.at(-1)?.ExitCode, told.at(-1)?.Output], [-1, 'exec: "/no/such": no such file or directory'])
})

test('in the start period no failure counts before the first success', async (t) => {
  const flags = ['--health-start-period', '1h', '--health-start-interval', '50ms', '--health-retries', '1', '--health-interval', '100ms']
  await container(t, 'slow', [...flags, '--health-cmd', 'test -e /ready'])
  const starting = await until('slow', ({ Log }) => Log.length === 5)
  assert.deepEqual([starting.Status, starting.FailingStreak], ['starting', 0])
  succeeded(await gocker(['exec', 'slow', 'touch', '/ready']))
  await until('slow', ({ Status }) => Status === 'healthy')
  succeeded(await gocker(['exec', 'slow', 'rm', '/ready']))
  await until('slow', ({ Status }) => Status === 'unhealthy')
})

test("flags go over the image's check, and --no-healthcheck takes it away", async (t) => {
  await image('checked', '--interval=100ms --retries=1 CMD exit 1')
  await container(t, 'own', [], 'checked')
  await until('own', ({ Status }) => Status === 'unhealthy')
  await container(t, 'other', ['--health-cmd', 'exit 0'], 'checked')
  await until('other', ({ Status }) => Status === 'healthy')
  await container(t, 'none', ['--no-healthcheck'], 'checked')
  assert.equal(await health('none'), undefined)
  assert.deepEqual(processesCalled('gocker: none health'), [])
})

test('a foreground container is checked, too', async () => {
  const script = 'while [ ! -e /checked ]; do sleep 0.05; done; echo it was'
  assert.equal(await output([...OFTEN, '--health-cmd', 'touch /checked', 'busybox', 'sh', '-c', script]), 'it was\n')
})

test('what checks ends with the container, and begins again with it', async (t) => {
  await container(t, 'again', [...OFTEN, '--health-cmd', 'exit 0'])
  await until('again', ({ Status }) => Status === 'healthy')
  const [first] = processesCalled('gocker: again health')
  succeeded(await gocker(['restart', '-t', '0', 'again']))
  await until('again', ({ Status }) => Status === 'healthy')
  const [second, ...more] = processesCalled('gocker: again health')
  assert.notEqual(second, first)
  assert.deepEqual(more, [])
  succeeded(await gocker(['kill', 'again']))
  const end = Date.now() + 10_000
  while (processesCalled('gocker: again health').length > 0) assert.ok(Date.now() < end)
  assert.equal((await health('again'))?.Status, 'healthy')
})

test('whose checker was killed is not said to be well, and lives on', async (t) => {
  await container(t, 'unwatched', [...OFTEN, '--health-cmd', 'exit 0'])
  await until('unwatched', ({ Status }) => Status === 'healthy')
  for (const pid of processesCalled('gocker: unwatched health')) process.kill(pid, 'SIGKILL')
  const { Log } = await until('unwatched', ({ Status }) => Status === 'unhealthy')
  assert.match(Log.at(-1)?.Output ?? '', /was killed/)
  assert.equal(succeeded(await gocker(['exec', 'unwatched', 'echo', 'alive'])).stdout, 'alive\n')
})

test('what checks needs less than 40 kB', async (t) => {
  await container(t, 'small', [...OFTEN, '--health-cmd', 'exit 0'])
  await until('small', ({ Log }) => Log.length === 5)
  const [pid] = processesCalled('gocker: small health')
  const kilobytes = Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
  assert.ok(kilobytes > 0 && kilobytes < 40, `${kilobytes} kB`)
})

test('options that cannot be are refused before anything is made', async () => {
  const run = (...flags: readonly string[]) => gocker(['run', '-d', ...flags, 'busybox', 'true'])
  refused(await run('--no-healthcheck', '--health-cmd', 'true'), 125, /--no-healthcheck forbids/)
  refused(await run('--health-interval', '5'), 125, /health-interval "5": not a duration/)
  refused(await run('--health-timeout', '10us'), 125, /health-timeout "10us": less than a millisecond/)
  refused(await run('--health-retries', '-1'), 125, /health-retries "-1": less than 0/)
})
