import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandbox, shell, until } from '../testing/sandbox.ts'

test('an init is process 1, and ends as the command does', async (t) => {
  const { run } = await sandbox(t)
  const { stdout, code } = await run(shell('echo $$; cat /proc/1/comm; exit 5'), { init: true })
  assert.deepEqual([stdout, code], ['2\ngocker-init\n', 5])
})

test('it reaps what is left to it', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(
    shell('(sleep 0.05 & true); (sh -c "exit 3" & true); sleep 0.3; grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l'),
    { init: true },
  )
  assert.equal(stdout, '0\n')
})

test('it passes on signals, and ends as one did', async (t) => {
  const { run } = await sandbox(t)
  const { code, signal } = await run(['sleep', '60'], { init: true }, { act: ({ kill }) => kill('SIGTERM') })
  assert.deepEqual([code, signal], [143, undefined])
  const trapped = await run(
    shell('trap "exit 6" HUP; echo ready; while :; do sleep 0.05; done'),
    { init: true },
    {
      act: async (running) => {
        await until(running, /ready/)
        running.kill('HUP')
      },
    },
  )
  assert.equal(trapped.code, 6)
})

test('it has no more rights than the command', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(shell('grep -E "^(Uid|CapEff|Seccomp:)" /proc/1/status'), { init: true, user: 'alice' })
  assert.equal(stdout, 'Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\nSeccomp:\t2\n')
})

test('it has let go of every descriptor before the command begins', async (t) => {
  const { run } = await sandbox(t)
  assert.equal((await run(['ls', '/proc/1/fd'], { init: true })).stdout, '')
})

test('what it is made of cannot be read, by root either', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(shell('for file in exe mem environ maps; do head -c 1 /proc/1/$file 2>&1; done'), { init: true })
  assert.match(stdout, /^(head: .*: Permission denied\n){4}$/)
})

test('a command that is missing is told as without it', async (t) => {
  const { run } = await sandbox(t)
  await assert.rejects(run(['nope'], { init: true }), { exitCode: 127 })
})
