import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pipe } from '../door/pipes.ts'
import { fork } from './fragments/fork.ts'
import { type LaunchOptions, launch } from './launch.ts'
import { slot, value, vector } from './operand.ts'
import { LaunchProgram } from './program.ts'
import { run } from './run-for-test.ts'

const quiet: Pick<LaunchOptions, 'title' | 'stdio'> = { title: 'gocker: test', stdio: ['ignore', 'ignore', 'ignore'] }

function waitForEver(program = new LaunchProgram()): LaunchProgram {
  return program.report('ready').row({ name: 'wait for ever', call: 'ppoll', args: [0, 0, 0, 0, 0] })
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-launch-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

test('standard input, output and error are the descriptors given', async () => {
  const [input, output, error] = [pipe(), pipe(), pipe()]
  const program = new LaunchProgram().row({
    name: 'execute the shell',
    call: 'execve',
    args: ['/bin/sh', vector(['sh', '-c', 'read line; echo "out $line"; echo "err $line" >&2']), vector([])],
  })
  const launched = await launch(program, { title: 'gocker: stdio', stdio: [input.read, output.write, error.write] })
  writeSync(input.write, 'hello\n')
  for (const fd of [input.write, input.read, output.write, error.write]) closeSync(fd)
  assert.equal((await launched.exited).code, 0)
  assert.equal(readFileSync(output.read, 'utf8'), 'out hello\n')
  assert.equal(readFileSync(error.read, 'utf8'), 'err hello\n')
  for (const fd of [output.read, error.read]) closeSync(fd)
})

test('the process has its title, no environment, and only the descriptors given', async () => {
  const program = new LaunchProgram()
  const number = program.descriptor('log')
  const log = openSync('/dev/zero', 'r')
  const launched = await launch(waitForEver(program), { ...quiet, title: 'gocker: web', cwd: '/usr', descriptors: { log } })
  closeSync(log)
  try {
    await launched.report('ready')
    const proc = (name: string) => readFileSync(`/proc/${launched.pid}/${name}`, 'utf8')
    assert.equal(proc('cmdline'), 'gocker: web\0')
    assert.equal(proc('environ'), '')
    assert.equal(readlinkSync(`/proc/${launched.pid}/cwd`), '/usr')
    assert.equal(readlinkSync(`/proc/${launched.pid}/fd/${number}`), '/dev/zero')
    assert.match(readlinkSync(`/proc/${launched.pid}/exe`), /^\/memfd:gocker/)
    const links = readdirSync(`/proc/${launched.pid}/fd`).map((fd) => readlinkSync(`/proc/${launched.pid}/fd/${fd}`))
    assert.deepEqual(
      links.filter((link) => link.includes('memfd')),
      [],
    )
    assert.ok(links.length >= 5)
  } finally {
    launched.kill('SIGKILL')
    await launched.exited
  }
})

test('the program in memory cannot be changed', async () => {
  const launched = await launch(waitForEver(), quiet)
  await launched.report('ready')
  const executable = openSync(`/proc/${launched.pid}/exe`, 'r')
  launched.kill('SIGKILL')
  await launched.exited
  // Nothing executes it any more: what refuses is the seal.
  const writable = openSync(`/proc/self/fd/${executable}`, 'r+')
  try {
    assert.throws(() => writeSync(writable, 'x'), { code: 'EPERM' })
  } finally {
    closeSync(writable)
    closeSync(executable)
  }
})

test('reports come to whoever waits, before or after', async () => {
  const launched = await launch(
    waitForEver(new LaunchProgram().row({ name: 'who', call: 'getpid', result: slot('pid') }).report('pid', [slot('pid')])),
    quiet,
  )
  await launched.report('ready')
  assert.deepEqual(await launched.report('pid'), [BigInt(launched.pid)])
  const never = launched.report('never')
  launched.kill('SIGTERM')
  await assert.rejects(never, { name: 'KernelError', code: 'ESRCH', message: 'waiting for gocker: test: it ended (SIGTERM)' })
  assert.deepEqual(await launched.exited, { code: null, signal: 'SIGTERM', failure: undefined })
  assert.deepEqual(await launched.report('pid'), [BigInt(launched.pid)])
  await assert.rejects(launched.report('never'), { code: 'ESRCH' })
})

test('who waits for a report learns of the row that failed', async () => {
  const launched = await launch(
    new LaunchProgram().row({ name: 'enter /nowhere', call: 'chdir', args: ['/nowhere'] }).report('ready'),
    quiet,
  )
  await assert.rejects(launched.report('ready'), {
    name: 'KernelError',
    code: 'ENOENT',
    syscall: 'chdir',
    message: 'enter /nowhere: ENOENT (no such file or directory)',
  })
  assert.equal((await launched.exited).code, 127)
})

test('thousands of reports all arrive, in order, though nobody is left who could write', async () => {
  const program = new LaunchProgram()
  const left = slot('left')
  program
    .compare({ name: 'begin', a: 3000, b: 0, result: left })
    .label('again')
    .report('tick', [left])
    .compare({ name: 'count', a: value(left), b: 1, result: left, onPositive: 'again' })
  const { reports, code } = await run(program)
  assert.equal(code, 0)
  assert.deepEqual(
    reports,
    Array.from({ length: 3000 }, (_, index) => ['tick', 3000 - index]),
  )
})

test('an end is not waited for when a child still holds the report', async () => {
  const open = openDescriptors()
  const program = new LaunchProgram()
  fork(program, { name: 'fork', pid: slot('child'), child: 'child' })
  waitForEver(
    program
      .report('child', [slot('child')])
      .jump('end')
      .label('child'),
  ).label('end')
  const launched = await launch(program, quiet)
  const { code } = await launched.exited
  const [child = 0n] = await launched.report('child')
  const stillOpen = openDescriptors()
  process.kill(Number(child), 'SIGKILL')
  assert.deepEqual([code, stillOpen], [0, open])
})

test('an abort kills the program', async () => {
  const controller = new AbortController()
  const launched = await launch(waitForEver(), { ...quiet, signal: controller.signal })
  await launched.report('ready')
  const never = launched.report('never')
  controller.abort(new Error('enough'))
  await assert.rejects(never, { message: 'enough' })
  assert.equal((await launched.exited).signal, 'SIGKILL')
  await assert.rejects(launch(waitForEver(), { ...quiet, signal: controller.signal }), { message: 'enough' })
})

test('what cannot be started is said with what and where', async () => {
  await assert.rejects(launch(new LaunchProgram(), { ...quiet, cwd: '/nowhere' }), {
    name: 'KernelError',
    code: 'ENOENT',
    message: 'starting gocker: test in /nowhere: ENOENT (no such file or directory)',
  })
  const program = new LaunchProgram()
  program.descriptor('log')
  await assert.rejects(launch(program, quiet), { code: 'EINVAL', message: /needs a descriptor log/ })
  await assert.rejects(launch(program, { ...quiet, descriptors: { log: 1, lgo: 1 } }), { message: /no descriptor lgo/ })
  const jump = new LaunchProgram().jump('nowhere')
  await assert.rejects(launch(jump, quiet), { code: 'EINVAL' })
})

test('no descriptor is left open, however a launch ends', async () => {
  const launches = [
    () => run(new LaunchProgram()),
    () => run(new LaunchProgram().row({ name: 'fail', call: 'chdir', args: ['/nowhere'] })),
    () => run(new LaunchProgram(), { cwd: '/nowhere' }).catch(() => {}),
    () => run(new LaunchProgram(), { stdio: [9999, 'ignore', 'ignore'] }).catch(() => {}),
    () => run(waitForEver(), { signal: AbortSignal.timeout(5) }),
  ]
  for (const attempt of launches) await attempt()
  const before = openDescriptors()
  for (let round = 0; round < 10; round++) for (const attempt of launches) await attempt()
  assert.equal(openDescriptors(), before)
})

test('launches side by side do not meet', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      run(new LaunchProgram().compare({ name: 'store', a: index, b: 0, result: slot('index') }).report('index', [slot('index')])),
    ),
  )
  assert.deepEqual(
    outcomes.flatMap(({ reports }) => reports),
    outcomes.map((_, index) => ['index', index]),
  )
})

test('no descriptor is left open where there are too few', () => {
  const told = inNode(
    `import { closeSync, openSync, readdirSync } from 'node:fs'
     const open = () => readdirSync('/proc/self/fd').length
     await (await start()).exited
     const before = open()
     const outcomes = []
     for (let free = 0; free < 12; free++) {
       const held = []
       try { for (;;) held.push(openSync('/dev/null')) } catch {}
       for (const fd of held.splice(0, free)) closeSync(fd)
       outcomes.push(await start().then((launched) => launched.exited).then(({ code }) => code, (error) => error.code))
       for (const fd of held) closeSync(fd)
     }
     console.log([...new Set(outcomes)].join(), open() - before)`,
    ['sh', '-c', 'ulimit -n 60 && exec "$0" "$@"'],
  )
  assert.equal(told, 'EMFILE,0 0\n')
})

test('where memory may not be executed, a file is, and it is gone at once', (t) => {
  if (!existsSync('/proc/sys/vm/memfd_noexec')) return t.skip('this kernel cannot forbid executable memory')
  const directory = temporaryDirectory(t)
  const told = inNode(
    `const refused = await start().catch((error) => error.code)
     const launched = await start({ directory: ${JSON.stringify(directory)} })
     await launched.report('ready')
     console.log(refused, (await launched.exited).code)`,
    // The sysctl is of the PID namespace: one of its own leaves the machine as it is.
    ['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', 'echo 2 > /proc/sys/vm/memfd_noexec && exec "$0" "$@"'],
  )
  assert.equal(told, 'EACCES 0\n')
  assert.deepEqual(readdirSync(directory), [])
})

/** Runs a script, with `start(options)` in it, in a Node of its own that `wrapper` executes; its output. */
function inNode(script: string, [command = '', ...args]: string[]): string {
  const source = `
    import { launch } from '${new URL('./launch.ts', import.meta.url)}'
    import { LaunchProgram } from '${new URL('./program.ts', import.meta.url)}'
    const start = (more) => launch(new LaunchProgram().report('ready'), { title: 'gocker: test', stdio: ['ignore', 'ignore', 'ignore'], ...more })
    ${script}`
  return execFileSync(command, [...args, process.execPath, '--input-type=module', '-e', source], { encoding: 'utf8' })
}

test('a detached program has a session and descriptors of its own, and lives on when nobody listens any more', async () => {
  const launched = await launch(waitForEver(), { ...quiet, detached: true })
  try {
    await launched.report('ready')
    launched.release()
    const [, , , session] = readFileSync(`/proc/${launched.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
    assert.equal(Number(session), launched.pid)
    assert.deepEqual(readdirSync(`/proc/${launched.pid}/fd`), ['0', '1', '2', '3'])
  } finally {
    launched.kill('SIGKILL')
    await launched.exited
  }
})
