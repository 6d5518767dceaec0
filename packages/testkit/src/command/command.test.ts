import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '../temporary-directory.ts'
import { gockerCommand, gockerEnvironment } from './environment.ts'
import { gocker, startCommand } from './gocker.ts'
import { openTerminal } from './terminal.ts'

test('a command gives its streams apart, byte for byte, and its code', async () => {
  const { result } = startCommand(['sh', '-c', 'cat; printf "\\377"; echo two >&2; exit 3'], { input: 'one' })
  const { code, signal, stdoutBytes, stderr } = await result
  assert.deepEqual([code, signal, [...stdoutBytes], stderr], [3, null, [...Buffer.from('one'), 0xff], 'two\n'])
})

test('a command that is killed gives the signal, one that is late fails the test', async () => {
  const killed = startCommand(['sleep', '1000'], {})
  process.kill(killed.pid, 'SIGTERM')
  assert.equal((await killed.result).signal, 'SIGTERM')
  await assert.rejects(startCommand(['sh', '-c', 'echo so far; exec sleep 1000'], { timeout: 300 }).result, /took over 300 ms\nso far/)
})

test('a program that is not there is an exit code of the starter', async () => {
  assert.equal((await startCommand(['/no/such/program'], {}).result).code, 127)
})

test("gocker's files are the test's own, and the tester's settings are not handed on", (t) => {
  const root = temporaryDirectory(t)
  setVariables(t, { GOCKER_REGISTRY_MIRRORS: 'x', https_proxy: 'y', DOCKER_CONFIG: 'z', GOCKER_TEST_BUNDLE: '/bundle.js' })
  const env = gockerEnvironment(root, { EXTRA: '1' })
  assert.deepEqual([env.GOCKER_ROOT, env.GOCKER_RUN, env.HOME, env.EXTRA], [join(root, 'store'), join(root, 'run'), root, '1'])
  assert.deepEqual([env.GOCKER_REGISTRY_MIRRORS, env.https_proxy, env.DOCKER_CONFIG], [undefined, undefined, undefined])
  assert.deepEqual(gockerCommand(['a']), [process.execPath, '--', '/bundle.js', 'a'])
})

test('gocker starts', async () => {
  const { signal } = await gocker(['--version'])
  assert.equal(signal, null)
})

test('a terminal is one: typed to, read from, resized, interrupted', async () => {
  await using terminal = await openTerminal(['sh', '-c', 'tty; stty size; read line; echo "got <$line>"; stty size; cat'], {
    size: { columns: 70, rows: 20 },
    env: { PATH: process.env.PATH },
  })
  await terminal.waitFor(/^\/dev\/pts\/\d+\n20 70\n/)
  await terminal.resize({ columns: 100, rows: 30 })
  await terminal.type('some words\n')
  await terminal.waitFor(/got <some words>\n30 100\n/)
  await terminal.press('C-c')
  assert.deepEqual(await terminal.exited(), { code: undefined, signal: 2 })
  assert.match(await terminal.screen(), /got <some words>/)
})

test('a terminal keeps the exit code and the colours', async () => {
  // Of a program that ends at once tmux may miss what it said.
  await using terminal = await openTerminal(['sh', '-c', 'printf "\\033[31mred\\033[0m\\n"; read line; exit 7'])
  await terminal.waitFor(/red/)
  await terminal.type('\n')
  assert.equal((await terminal.exited()).code, 7)
  assert.equal((await terminal.screen()).trim(), 'red')
  assert.ok((await terminal.screen({ colours: true })).includes('\x1b[31mred'))
})

function setVariables(t: TestContext, variables: Record<string, string>): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  t.after(() => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  })
}
