import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandbox, shell, until } from '../testing/sandbox.ts'

const size = { columns: 100, rows: 33 }

test("a terminal is one of the container's own", async (t) => {
  const { run } = await sandbox(t)
  const { stdout, code } = await run(
    shell('tty; stty size; stat -c %t:%T /dev/console; echo err >&2; ls /dev/pts; exit 4'),
    { tty: true },
    { windowSize: size },
  )
  assert.equal(stdout, '/dev/pts/0\r\n33 100\r\n88:0\r\nerr\r\n0     ptmx\r\n')
  assert.equal(code, 4)
})

test('it has a new size when it is given one', async (t) => {
  const { run } = await sandbox(t)
  const script = shell('trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done')
  const { stdout } = await run(
    script,
    { tty: true },
    {
      windowSize: size,
      act: async (running) => {
        await until(running, /ready/)
        running.terminal?.resize({ columns: 50, rows: 20 })
      },
    },
  )
  assert.equal(stdout, 'ready\r\n20 50\r\n')
})

for (const init of [false, true])
  test(`what is typed is read, and Ctrl-C interrupts${init ? ', below an init too' : ''}`, async (t) => {
    const { run } = await sandbox(t)
    const script = shell('trap "echo interrupted; exit 5" INT; read x; echo "got $x"; while :; do sleep 0.05; done')
    const { stdout, code } = await run(
      script,
      { tty: true, init },
      {
        act: async (running) => {
          running.terminal?.input.write('hello\n')
          await until(running, /got hello/)
          running.terminal?.input.write('\x03')
        },
      },
    )
    assert.match(stdout, /got hello\r\n\^C.*interrupted\r\n$/s)
    assert.equal(code, 5)
  })

test('more than a terminal holds is typed as it is read', async (t) => {
  const { run } = await sandbox(t)
  const line = `${'x'.repeat(63)}\n`
  const { stdout } = await run(
    shell('stty -echo; echo ready; sleep 0.2; head -c 64000 | md5sum'),
    { tty: true },
    {
      act: async (running) => {
        await until(running, /ready/)
        running.terminal?.input.write(line.repeat(1000))
      },
    },
  )
  const { createHash } = await import('node:crypto')
  assert.match(stdout, new RegExp(createHash('md5').update(line.repeat(1000)).digest('hex')))
})

test('a user can open his terminal', async (t) => {
  const { run } = await sandbox(t)
  const { stdout } = await run(shell('echo opened > /dev/tty; stat -c %u $(tty)'), { tty: true, user: 'alice' })
  assert.equal(stdout, 'opened\r\n1000\r\n')
})
