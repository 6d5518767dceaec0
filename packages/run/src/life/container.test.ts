import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { sandbox, shell, until } from '../testing/sandbox.ts'

test('a container has a hostname, process 1 and a user of its own', async (t) => {
  const { run } = await sandbox(t)
  const { stdout, code } = await run(shell('hostname; echo $$; id -u; ps -o pid= | wc -l; cat /etc/hostname'))
  const [hostname, pid, uid, processes, file] = stdout.split('\n')
  assert.match(hostname ?? '', /^[0-9a-f]{12}$/)
  assert.deepEqual([pid, uid, file, code], ['1', '0', hostname, 0])
  assert.ok(Number(processes) <= 3)
})

test('exit codes are those of docker', async (t) => {
  const { run, create } = await sandbox(t)
  assert.equal((await run(['true'])).code, 0)
  assert.equal((await run(shell('exit 7'))).code, 7)
  const killed = await run(['sleep', '60'], {}, { act: (running) => running.kill('SIGKILL') })
  assert.deepEqual([killed.code, killed.signal], [137, 'SIGKILL'])
  for (const [command, exitCode, message] of [
    ['nope', 127, 'exec: "nope": executable file not found in $PATH'],
    ['/nope', 127, 'exec: "/nope": no such file or directory'],
    ['/etc/passwd', 126, 'exec: "/etc/passwd": permission denied'],
    ['/etc', 126, 'exec: "/etc": permission denied'],
  ] as const) {
    const container = await create({ command: [command] })
    await assert.rejects(container.start(), { name: 'RunError', exitCode, message })
    await container.remove()
  }
})

test('a file in PATH that may not be executed is found, and refused', async (t) => {
  const { run } = await sandbox(t, [
    { name: 'bin/data', content: 'x', mode: 0o644 },
    { name: 'bin/odd', content: 'x', mode: 0o755 },
  ])
  await assert.rejects(run(['data']), { exitCode: 126, message: 'exec: "data": permission denied' })
  await assert.rejects(run(['odd']), { exitCode: 126, message: 'exec: "odd": exec format error' })
})

test('a search goes on past what may not be executed', async (t) => {
  const { run } = await sandbox(t, [
    { name: 'opt/', mode: 0o755 },
    { name: 'opt/true', content: 'x', mode: 0o644 },
  ])
  assert.equal((await run(['true'], { env: ['PATH=/opt:/etc/passwd:/bin'] })).code, 0)
})

test('stdin, stdout and stderr are three, and carry every byte', async (t) => {
  const { run } = await sandbox(t)
  const { stdout, stderr } = await run(shell('echo out; echo err >&2'))
  assert.deepEqual([stdout, stderr], ['out\n', 'err\n'])
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256))
  const sum = await run(['md5sum'], { stdin: true }, { stdio: { stdin: 'pipe' }, act: ({ stdin }) => void stdin?.end(bytes) })
  const { createHash } = await import('node:crypto')
  assert.equal(sum.stdout.slice(0, 32), createHash('md5').update(bytes).digest('hex'))
})

test('without stdin it reads nothing', async (t) => {
  const { run } = await sandbox(t)
  assert.equal((await run(['wc', '-c'])).stdout, '0\n')
})

test('a command that ends does not mind what is still written to it', async (t) => {
  const { run } = await sandbox(t)
  const { code } = await run(
    ['true'],
    { stdin: true },
    { stdio: { stdin: 'pipe' }, act: ({ stdin }) => void stdin?.end(Buffer.alloc(1 << 20)) },
  )
  assert.equal(code, 0)
})

test('an ordinary user can open his stdout again', async (t) => {
  const { run } = await sandbox(t)
  const { stdout, stderr } = await run(shell('echo out > /dev/stdout; echo err > /proc/self/fd/2; id -u'), { user: 'alice' })
  assert.deepEqual([stdout, stderr], ['out\n1000\n', 'err\n'])
})

test('signals reach the command', async (t) => {
  const { run } = await sandbox(t)
  const { stdout, code } = await run(
    shell('trap "echo caught; exit 3" USR1; echo ready; while :; do sleep 0.05; done'),
    {},
    {
      act: async (running) => {
        await until(running, /ready/)
        running.kill('USR1')
      },
    },
  )
  assert.deepEqual([stdout, code], ['ready\ncaught\n', 3])
})

test('no signal is blocked or ignored', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status'])
  assert.equal(stdout, 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n')
})

test('a container is removed with all that it had', async (t) => {
  const { run, store, leaks } = await sandbox(t)
  await run(shell('echo x > /file'))
  assert.deepEqual(readdirSync(store.paths.containers), [])
  await leaks.assertNone()
})

test('a container that is kept says how it ended', async (t) => {
  const { create, store } = await sandbox(t)
  const container = await create({ command: shell('exit 9'), remove: false, name: 'kept' })
  assert.equal((await store.containers.readState(container.id))?.status, 'created')
  const running = await container.start({ stdio: { stdout: 'ignore', stderr: 'ignore' } })
  const { code } = await running.exited
  const state = await store.containers.readState(container.id)
  assert.deepEqual([code, state?.status, state?.exit?.code, state?.pid], [9, 'stopped', 9, undefined])
  assert.equal(existsSync(store.paths.bundle(container.id).exit), true)
  await assert.rejects(container.start(), { code: 'ALREADY_STARTED' })
  await container.remove()
})

test('a container that cannot be made leaves nothing', async (t) => {
  const { create, store } = await sandbox(t)
  await assert.rejects(create({ command: ['true'], user: 'nobody-knows' }), { code: 'NO_SUCH_USER' })
  await assert.rejects(create({ command: [] }), { code: 'NO_COMMAND' })
  assert.deepEqual(readdirSync(store.paths.containers), [])
})

test('an abort kills it', async (t) => {
  const { run } = await sandbox(t)
  const controller = new AbortController()
  const { code } = await run(['sleep', '60'], {}, { signal: controller.signal, act: () => controller.abort() })
  assert.equal(code, 137)
})

test('a hundred containers run side by side', async (t) => {
  const { run, leaks } = await sandbox(t)
  const codes = await Promise.all(Array.from({ length: 100 }, async (_, index) => (await run(shell(`exit ${index}`))).code))
  assert.deepEqual(
    codes,
    Array.from({ length: 100 }, (_, index) => index),
  )
  await leaks.assertNone()
})
