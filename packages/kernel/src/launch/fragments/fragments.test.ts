import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { launch } from '../launch.ts'
import { bytes, slot, vector } from '../operand.ts'
import { LaunchProgram } from '../program.ts'
import { run } from '../run-for-test.ts'
import { closeOnExec } from './descriptors.ts'
import { writeExitRecord } from './exit-record.ts'
import { fork } from './fork.ts'
import { blockSignals, dieWithParent, resetSignals } from './signals.ts'
import { exitAs, superviseChild, waitForChild } from './wait.ts'

const child = { pid: slot('child'), status: slot('status') }

function shell(program: LaunchProgram, script: string): LaunchProgram {
  return program.row({
    name: 'execute the shell',
    call: 'execve',
    args: ['/bin/sh', vector(['sh', '-c', script]), vector(['PATH=/usr/sbin:/usr/bin:/sbin:/bin'])],
  })
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test('a fork has two ways on, and the parent waits for the child', async () => {
  const program = new LaunchProgram()
  fork(program, { name: 'fork', pid: child.pid, child: 'child' })
  waitForChild(program, child)
  program
    .report('ended', [child.status])
    .jump('end')
    .label('child')
    .row({ name: 'leave', call: 'exit_group', args: [5] })
    .label('end')
  assert.deepEqual((await run(program)).reports, [['ended', 5 << 8]])
})

test('a child has namespaces of its own', async () => {
  const [MS_REC, MS_PRIVATE] = [0x4000, 1 << 18]
  const program = new LaunchProgram()
  fork(program, {
    name: 'fork into namespaces',
    flags: ['CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWIPC', 'CLONE_NEWPID', 'CLONE_NEWNET', 'CLONE_NEWCGROUP'],
    pid: child.pid,
    child: 'child',
  })
  waitForChild(program, child)
  exitAs(program, child.status)
  program
    .label('child')
    .row({ name: 'keep mounts here', call: 'mount', args: ['none', '/', 0, MS_REC | MS_PRIVATE, 0] })
    .row({ name: 'name the host', call: 'sethostname', args: ['box', 3] })
    .row({ name: 'mount proc on /proc', call: 'mount', args: ['proc', '/proc', 'proc', 0, 0] })
  closeOnExec(program)
  shell(program, 'hostname; echo /proc/[0-9]*; ls /sys/class/net 2>/dev/null | wc -l; grep -c : /proc/net/dev; ls /proc/$$/fd; exit 9')
  const { stdout, code } = await run(program)
  const [hostname, processes, , devices, ...descriptors] = stdout.trimEnd().split('\n')
  assert.deepEqual([hostname, processes, devices, code], ['box', '/proc/1', '1', 9])
  assert.ok(!descriptors.includes('3'), descriptors.join())
})

test('a failure in the child is reported, and the parent goes on', async () => {
  const program = new LaunchProgram()
  fork(program, { name: 'fork', pid: child.pid, child: 'child' })
  waitForChild(program, child)
  program.report('ended', [child.status])
  exitAs(program, child.status)
  program.label('child')
  closeOnExec(program)
  program.row({ name: 'execute /nothing', call: 'execve', args: ['/nothing', vector(['nothing']), vector([])] })
  const { failure, reports, code } = await run(program)
  assert.equal(failure?.text, 'execute /nothing: ENOENT (no such file or directory)')
  assert.deepEqual([reports, code], [[['ended', 127 << 8]], 127])
})

test('the exit code is the child’s, or 128 and its signal', async () => {
  const exit = async (script: string) => {
    const program = new LaunchProgram()
    fork(program, { name: 'fork', pid: child.pid, child: 'child' })
    waitForChild(program, child)
    exitAs(program, child.status)
    return (await run(shell(program.label('child'), script))).code
  }
  assert.equal(await exit('exit 0'), 0)
  assert.equal(await exit('exit 1'), 1)
  assert.equal(await exit('exit 255'), 255)
  assert.equal(await exit('kill -KILL $$'), 137)
  assert.equal(await exit('kill -TERM $$'), 143)
  assert.equal(await exit('ulimit -c unlimited; cd /tmp; ulimit -c 0; kill -SEGV $$'), 139)
})

test('a status with a core dump is 128 and the signal, too', async () => {
  const program = new LaunchProgram().compare({ name: 'SIGSEGV, dumped', a: 11 | 0x80, b: 0, result: child.status })
  exitAs(program, child.status)
  assert.equal((await run(program)).code, 139)
})

test('a supervised child gets the signals, and strangers are reaped', async () => {
  const [PR_SET_CHILD_SUBREAPER, ECHILD] = [36, 10]
  const program = new LaunchProgram()
  program.row({ name: 'adopt orphans', call: 'prctl', args: [PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0] })
  blockSignals(program)
  fork(program, { name: 'fork', pid: child.pid, child: 'child' })
  program.report('ready', [child.pid])
  superviseChild(program, child)
  program.row({ name: 'is any child left?', call: 'wait4', args: [-1, 0, 1, 0], pass: ['ECHILD'], result: slot('left') })
  program.report('ended', [child.status, slot('left')])
  exitAs(program, child.status)
  program.label('child')
  resetSignals(program)
  // The orphan is re-parented to the first process and ends before the shell does.
  shell(program, 'trap "echo got USR1; exit 3" USR1; (sh -c "exit 0" &); sleep 0.2; echo ready; while :; do sleep 0.01; done')
  const directory = mkdtempSync(join(tmpdir(), 'gocker-supervise-'))
  const output = join(directory, 'out')
  const fd = openSync(output, 'w')
  try {
    const launched = await launch(program, { title: 'gocker: supervise', stdio: ['ignore', fd, 2] })
    await launched.report('ready')
    while (!readFileSync(output, 'utf8').includes('ready')) await setTimeout(10)
    launched.kill('SIGUSR1')
    assert.deepEqual(await launched.report('ended'), [3n << 8n, BigInt(-ECHILD)])
    assert.equal((await launched.exited).code, 3)
    assert.equal(readFileSync(output, 'utf8'), 'ready\ngot USR1\n')
  } finally {
    closeSync(fd)
    rmSync(directory, { recursive: true })
  }
})

test('signals are as a program expects them after a reset', async () => {
  const masks = (script: (program: LaunchProgram) => void) => {
    const program = new LaunchProgram()
    const [SIG_IGN, SIGXFSZ, SIGPIPE] = [1, 25, 13]
    const ignore = Buffer.alloc(32)
    ignore.writeUInt8(SIG_IGN)
    for (const signal of [SIGXFSZ, SIGPIPE, 64]) program.row({ name: 'ignore', call: 'rt_sigaction', args: [signal, bytes(ignore), 0, 8] })
    blockSignals(program)
    script(program)
    return run(shell(program, 'exec grep -E "^Sig(Blk|Ign)" /proc/self/status'))
  }
  const stop = 0x40100n // neither SIGKILL nor SIGSTOP can wait
  const before = (await masks(() => {})).stdout.match(/[0-9a-f]{16}/g)?.map((mask) => BigInt(`0x${mask}`))
  assert.deepEqual(before, [0xffff_ffff_ffff_ffffn & ~stop, (1n << 63n) | (1n << 24n) | (1n << 12n)])
  assert.match((await masks(resetSignals)).stdout, /SigBlk:\t0{16}\nSigIgn:\t0{16}/)
})

test('a child ends with its parent when it asked for it', async () => {
  const program = new LaunchProgram()
  fork(program, { name: 'fork', pid: child.pid, child: 'child' })
  program.report('made', [child.pid])
  waitForChild(program, child)
  program.label('child')
  dieWithParent(program)
  program.report('ready').row({ name: 'wait for ever', call: 'ppoll', args: [0, 0, 0, 0, 0] })
  const launched = await launch(program, { title: 'gocker: parent', stdio: ['ignore', 'ignore', 'ignore'] })
  const [[pid]] = await Promise.all([launched.report('made'), launched.report('ready')])
  launched.kill('SIGKILL')
  assert.equal((await launched.exited).signal, 'SIGKILL')
  while (isRunning(Number(pid))) await setTimeout(10)
})

test('the exit record is the status and the time', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-exit-'))
  const file = join(directory, 'exit')
  const fd = openSync(file, 'w')
  try {
    const program = new LaunchProgram()
    program.compare({ name: 'status', a: 0x700, b: 0, result: child.status })
    writeExitRecord(program, { file: program.descriptor('exit'), status: child.status })
    const before = Date.now()
    const { code } = await run(program, { descriptors: { exit: fd } })
    const record = readFileSync(file)
    const time = Number(record.readBigInt64LE(8)) * 1000 + Number(record.readBigInt64LE(16)) / 1e6
    assert.deepEqual([code, record.length, record.readBigInt64LE(0)], [0, 24, 0x700n])
    assert.ok(time >= before && time <= Date.now() + 1)
  } finally {
    closeSync(fd)
    rmSync(directory, { recursive: true })
  }
})
