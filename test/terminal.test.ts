import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFixture } from './support/running.ts'

const { gocker, terminal, shell, output } = runFixture('debian')

/** bash with a prompt that is easily waited for. */
const BASH = ['-e', 'PS1=in> ', 'debian', 'bash', '--norc', '--noprofile']
const PROMPT = /^in> ?$/m

test('bash has a prompt, an echo, and the exit code that is typed', async () => {
  await using screen = await terminal(BASH)
  await screen.waitFor(PROMPT)
  await screen.type('echo "one $((1 + 1))"; tty\n')
  assert.match(await screen.waitFor(/^\/dev\/pts\/0$/m), /^in> echo "one \$\(\(1 \+ 1\)\)"; tty\none 2\n\/dev\/pts\/0\n/)
  await screen.type('exit 7\n')
  assert.equal((await screen.exited()).code, 7)
})

test('Ctrl-C ends the command and not the shell, Ctrl-D ends the shell', async () => {
  await using screen = await terminal(BASH)
  await screen.waitFor(PROMPT)
  await screen.type('sleep 1000\n')
  await screen.press('C-c')
  await screen.waitFor(/\^C\n+in> ?$/m)
  await screen.type('echo "was $?"\n')
  await screen.waitFor(/^was 130$/m)
  await screen.press('C-d')
  assert.equal((await screen.exited()).code, 0)
})

test('jobs are stopped, listed, and brought back', async () => {
  await using screen = await terminal(BASH)
  await screen.waitFor(PROMPT)
  await screen.type('sleep 1000\n')
  await screen.press('C-z')
  await screen.waitFor(/Stopped +sleep 1000/)
  await screen.type('bg; jobs\n')
  await screen.waitFor(/Running +sleep 1000 &/)
  await screen.type('fg\n')
  await screen.waitFor(/^in> fg\nsleep 1000$/m)
  await screen.press('C-c')
  await screen.waitFor(/\^C\n+in> ?$/m)
  await screen.type('exit\n')
  await screen.exited()
})

test("the size is the terminal's, and stays so", async () => {
  await using screen = await terminal(BASH)
  await screen.waitFor(PROMPT)
  await screen.type('trap "stty size" WINCH; stty size\n')
  await screen.waitFor(/^24 80$/m)
  await screen.resize({ columns: 100, rows: 30 })
  await screen.waitFor(/30 100$/m)
  await screen.type('exit\n')
  await screen.exited()
})

test('colours arrive', async () => {
  await using screen = await terminal(['debian', 'ls', '-d', '--color=auto', '/etc'])
  await screen.exited()
  assert.match((await screen.screen({ colours: true })).replaceAll('\x1b', 'ESC'), /ESC\[[0-9;]*34m\/etc/)
})

test('top draws, and goes by q', async () => {
  await using screen = await terminal(['debian', 'top', '-d', '1'])
  await screen.waitFor(/^ +1 root .* top$/m)
  await screen.type('q')
  assert.equal((await screen.exited()).code, 0)
})

const STATE = 'stty -a | tr ";" "\\n" | grep -oE "[-]?(icanon|echo|isig|opost|icrnl)\\b" | tr "\\n" " "'

test("the user's terminal is as it was, after an end and after a kill", async () => {
  await using screen = await shell()
  await screen.type(`${STATE}\n`)
  const state = /^.*icanon.*$/m.exec((await screen.waitFor(/^isig.*|^-?icrnl.*$/m)).replace(/^host>.*$/gm, ''))?.[0]
  assert.ok(state)
  await screen.type('clear; gocker run --rm -it debian sh -c "exit 3"; echo "code $?"\n')
  await screen.waitFor(/^code 3$/m)
  await screen.type(`clear; ${STATE}\n`)
  await screen.waitFor(new RegExp(`^${state}`, 'm'))
  await screen.type('clear; gocker run --rm --name victim -it debian sh -c "echo ready; sleep 1000"; echo "code $?"\n')
  await screen.waitFor(/^ready$/m)
  assert.equal((await gocker(['rm', '-f', 'victim'])).stdout, 'victim\n')
  await screen.waitFor(/^code 137$/m)
  await screen.type(`clear; ${STATE}\n`)
  await screen.waitFor(new RegExp(`^${state}`, 'm'))
})

test('Ctrl-C in a shell that runs gocker without a terminal ends the container', async () => {
  await using screen = await shell()
  await screen.type('gocker run --rm --init debian sh -c "echo ready; exec sleep 1000"; echo "code $?"\n')
  await screen.waitFor(/^ready$/m)
  await screen.press('C-c')
  await screen.waitFor(/code 130$/m)
})

test('without -i a terminal is shown and not typed to; without a terminal none is needed', async () => {
  assert.equal(await output(['-t', 'debian', 'sh', '-c', 'tty; stty size']), '/dev/pts/0\r\n24 80\r\n')
})
