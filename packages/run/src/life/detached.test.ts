import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pidfdOpen, pidfdTake } from '@gocker/kernel'
import { isAlive, type ProcessIdentity } from '@gocker/store'
import { END_OF_INPUT, INPUT_DESCRIPTOR } from '../program/detached-monitor.ts'
import { callerOf, detached, eventually, said, saidSoFar } from '../testing/detached.ts'
import { sandbox, shell } from '../testing/sandbox.ts'
import { removeContainer } from './remove-container.ts'
import { sendSignal } from './send-signal.ts'
import { containerStatus } from './status.ts'
import { waitContainer } from './wait-container.ts'

const FILE = { driver: 'gocker' } as const

test('what a container says is kept by stream, and how it ends', async (t) => {
  const box = await sandbox(t)
  await detached(box, { command: shell('echo out; echo err >&2; exit 7') }, async ({ record, state }) => {
    const { store } = box
    assert.equal(await waitContainer(store, record.id), 7)
    const { stdout, stderr } = said(store.paths.bundle(record.id).log)
    assert.deepEqual([`${stdout}`, `${stderr}`], ['out\n', 'err\n'])
    await eventually(() => !isAlive(state.monitor as ProcessIdentity))
    const { status, exit, finishedAt, startedAt } = await containerStatus(store, record)
    assert.deepEqual([status, exit], ['exited', { code: 7 }])
    assert.ok((finishedAt as Date) >= (startedAt as Date))
  })
})

test('whatever bytes there are, and however many, they are kept in their order', async (t) => {
  const box = await sandbox(t)
  const script = 'i=0; while [ $i -lt 8 ]; do cat /bin/busybox; i=$((i+1)); done | tee /sums | sha256sum >&2; cat /sums'
  await detached(box, { command: shell(script) }, async ({ record }) => {
    assert.equal(await waitContainer(box.store, record.id), 0)
    const { stdout, stderr } = said(box.store.paths.bundle(record.id).log)
    assert.equal(`${stderr}`.split(' ')[0], createHash('sha256').update(stdout).digest('hex'))
    assert.ok(stdout.length > 4 * 1024 ** 2)
  })
})

test('a log is bounded: the newest is kept, in files that are whole', async (t) => {
  const box = await sandbox(t)
  const log = { ...FILE, maxSize: 50_000, maxFiles: 3 }
  await detached(box, { command: shell('seq 100000'), log }, async ({ record }) => {
    await waitContainer(box.store, record.id)
    const file = box.store.paths.bundle(record.id).log
    const files = [`${file}.2`, `${file}.1`, file]
    for (const each of files) assert.ok(!existsSync(each) || statSync(each).size < 50_000 + 2 * (16_384 + 32))
    const kept = files.map((each) => `${said(each).stdout}`).join('')
    assert.match(kept, /\n99999\n100000\n$/)
    assert.ok(kept.length > 50_000)
    assert.equal(existsSync(`${file}.3`), false)
  })
})

test('one file is emptied when it is full', async (t) => {
  const box = await sandbox(t)
  await detached(box, { command: shell('seq 100000'), log: { maxSize: 50_000 } }, async ({ record }) => {
    await waitContainer(box.store, record.id)
    const file = box.store.paths.bundle(record.id).log
    assert.ok(statSync(file).size < 50_000 + 2 * (16_384 + 32))
    assert.equal(existsSync(`${file}.1`), false)
  })
})

test('nothing is kept where nothing is to be kept', async (t) => {
  const box = await sandbox(t)
  await detached(
    box,
    { command: shell('seq 100000; readlink /proc/self/fd/1 >&2; exit 3'), log: { driver: 'none' } },
    async ({ record }) => {
      assert.equal(await waitContainer(box.store, record.id), 3)
      assert.equal(existsSync(box.store.paths.bundle(record.id).log), false)
    },
  )
})

test('a container does not notice that the disk is full', async (t) => {
  const box = await sandbox(t)
  const { id, startDetached } = await box.create({ command: shell('seq 100000; exit 4'), remove: false })
  symlinkSync('/dev/full', box.store.paths.bundle(id).log)
  await startDetached({ caller: callerOf(box) })
  assert.equal(await waitContainer(box.store, id), 4)
  await removeContainer(box.store, id)
  await box.leaks.assertNone()
})

test('a log that cannot be opened is an error, and nothing is started', async (t) => {
  const box = await sandbox(t)
  const container = await box.create({ command: ['sleep', '1000'] })
  symlinkSync('/no/such/file', box.store.paths.bundle(container.id).log)
  await assert.rejects(container.startDetached({ caller: callerOf(box) }), { code: 'LAUNCH_FAILED', message: /open the log: ENOENT/ })
  await container.remove()
  await box.leaks.assertNone()
})

test('what is typed reaches stdin, until the monitor is told that nothing more comes', async (t) => {
  const box = await sandbox(t)
  await detached(box, { command: shell('cat; echo over'), stdin: true }, async ({ record, state }) => {
    type(state, 'one\n')
    const file = box.store.paths.bundle(record.id).log
    await eventually(() => `${saidSoFar(file).stdout}` === 'one\n')
    process.kill(state.monitor?.pid as number, END_OF_INPUT)
    assert.equal(await waitContainer(box.store, record.id), 0)
    assert.equal(`${said(file).stdout}`, 'one\nover\n')
  })
})

test('who says that nothing more is typed does not disturb the clean-up, which may have come between', async (t) => {
  const box = await sandbox(t)
  const container = await box.create({ remove: true, command: ['cat'], stdin: true })
  await container.startDetached({ caller: callerOf(box) })
  const monitor = (await box.store.containers.readState(container.id))?.monitor as ProcessIdentity
  while (isAlive(monitor)) {
    sendSignal(monitor, END_OF_INPUT)
    await nextTurn()
  }
  assert.equal(await box.store.containers.find(container.id), undefined)
  await box.leaks.assertNone()
})

test('a terminal is held by the monitor', async (t) => {
  const box = await sandbox(t)
  const command = shell('tty; read line; echo "[$line]"; exit 5')
  await detached(box, { command, tty: true, stdin: true }, async ({ record, state }) => {
    const shown = () => `${said(box.store.paths.bundle(record.id).log).stdout}`.replaceAll('\r', '')
    await eventually(() => shown() === '/dev/pts/0\n')
    type(state, 'typed\n')
    assert.equal(await waitContainer(box.store, record.id), 5)
    assert.equal(shown(), '/dev/pts/0\ntyped\n[typed]\n')
  })
})

test('the monitor costs no more than some pages, whatever has been said', async (t) => {
  const box = await sandbox(t)
  const env = Array.from({ length: 500 }, (_, index) => `VARIABLE_${index}=${'x'.repeat(300)}`)
  await detached(box, { command: shell('seq 100000; echo said >&2; sleep 1000'), env }, async ({ record, state }) => {
    await eventually(() => saidSoFar(box.store.paths.bundle(record.id).log).stderr.length > 0)
    const resident = /^Rss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${state.monitor?.pid}/smaps_rollup`, 'utf8'))?.[1]
    assert.ok(Number(resident) < 64, `${resident} kB`)
  })
})

test('a container ends with its monitor, and can be told from one that runs', async (t) => {
  const box = await sandbox(t)
  await detached(box, { command: shell('trap "" TERM HUP; sleep 1000 & wait') }, async ({ record, state }) => {
    process.kill(state.monitor?.pid as number, 'SIGKILL')
    assert.equal(await waitContainer(box.store, record.id), 137)
    assert.equal((await containerStatus(box.store, record)).status, 'exited')
  })
})

test('where nothing can be called to clean up, the exit record tells all', async (t) => {
  const box = await sandbox(t)
  await detached(box, { command: shell('exit 9'), caller: { command: ['/no/such'], env: [] } }, async ({ record, state }) => {
    await eventually(() => !isAlive(state.monitor as ProcessIdentity))
    const { status, exit } = await containerStatus(box.store, record)
    assert.deepEqual([status, exit], ['exited', { code: 9 }])
  })
})

test('without its run directory a container has ended, unseen or as it was written down', async (t) => {
  const box = await sandbox(t)
  await detached(box, { command: ['sleep', '1000'] }, async (runs) => {
    process.kill(runs.state.monitor?.pid as number, 'SIGKILL')
    await eventually(() => !isAlive(runs.state))
    rmSync(box.store.paths.runDir(runs.record.id), { recursive: true })
    assert.deepEqual(await containerStatus(box.store, runs.record), {
      status: 'exited',
      startedAt: new Date(runs.state.startedAt as string),
      exit: { code: 255 },
      restartCount: 0,
    })
  })
})

test('a start that fails leaves a container that was never started, and nothing else', async (t) => {
  const box = await sandbox(t)
  const container = await box.create({ remove: false, command: ['no-such-command'] })
  const call = { caller: { command: ['/no/such'], env: [] } }
  await assert.rejects(container.startDetached(call), { code: 'NOT_FOUND_IN_CONTAINER', exitCode: 127 })
  assert.equal((await containerStatus(box.store, await box.store.containers.get(container.id))).status, 'created')
  await container.remove()
  await box.leaks.assertNone()
})

function type({ monitor }: { monitor?: ProcessIdentity }, text: string): void {
  const pidfd = pidfdOpen(monitor?.pid as number)
  const input = pidfdTake(pidfd, INPUT_DESCRIPTOR)
  writeSync(input, text)
  for (const fd of [pidfd, input]) closeSync(fd)
}
