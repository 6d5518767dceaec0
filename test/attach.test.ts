import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { startGocker, type Terminal } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { refused, succeeded } from './support/running.ts'

const { gocker, prints, runDetached, eventually, said, shell, root } = detachedFixture('busybox', 'debian')

const BASH = ['-e', 'PS1=in> ', 'debian', 'bash', '--norc', '--noprofile']

/** `gocker attach` in a shell on a terminal, whose next prompt shows that it is over. */
async function attachIn(screen: Terminal, ...words: readonly string[]): Promise<void> {
  await screen.type(`clear; gocker attach ${words.join(' ')}; echo "code $?"\n`)
  await screen.waitFor(/^in> ?$/m)
}

test('what is typed is read, what is said is shown, and the end of input is the end of stdin', async () => {
  await runDetached('--name', 'cat', '-i', 'busybox', 'sh', '-c', 'cat; echo err >&2; exit 5')
  const { code, stdout, stderr } = await gocker(['attach', 'cat'], { input: 'one\ntwo\n' })
  assert.deepEqual([code, stdout, stderr], [5, 'one\ntwo\n', 'err\n'])
  refused(await gocker(['attach', 'cat']), 125, /attaching to container cat: it is exited/)
  await prints('rm', 'cat')
})

test('a megabyte goes in and comes out as it was', async () => {
  const input = randomBytes(1_000_000)
  await runDetached('--name', 'bytes', '-i', 'busybox', 'cat')
  const { code, stdoutBytes } = await gocker(['attach', 'bytes'], { input })
  assert.deepEqual([code, stdoutBytes.equals(input)], [0, true])
  await prints('rm', 'bytes')
})

test('what was said before is not shown, and without -i nobody can type', async () => {
  await runDetached('--name', 'deaf', 'busybox', 'sh', '-c', 'echo before; while [ ! -e /go ]; do sleep 0.05; done; cat; echo after')
  await eventually(() => said('deaf') === 'before\n')
  const attached = startGocker(['attach', 'deaf'], { root, input: 'not read\n' })
  await eventually(async () => (await prints('events', '--since', '1h', '--until', '0s', '--filter', 'event=attach')).includes('deaf'))
  succeeded(await gocker(['exec', 'deaf', 'touch', '/go']))
  assert.equal((await attached.result).stdout, 'after\n')
  await prints('rm', 'deaf')
})

test('signals are handed on, or end the attachment alone', async () => {
  const script = 'trap "echo got TERM; exit 9" TERM; echo ready; while :; do sleep 0.05; done'
  await runDetached('--name', 'signalled', 'busybox', 'sh', '-c', script)
  const alone = startGocker(['attach', '--sig-proxy=false', 'signalled'], { root })
  await attachedTo('signalled', 1)
  process.kill(alone.pid, 'SIGTERM')
  assert.equal((await alone.result).signal, 'SIGTERM')
  const proxy = startGocker(['attach', 'signalled'], { root })
  await attachedTo('signalled', 2)
  process.kill(proxy.pid, 'SIGTERM')
  const { code, stdout } = await proxy.result
  assert.deepEqual([code, stdout], [9, 'got TERM\n'])
  await prints('rm', 'signalled')
})

async function attachedTo(name: string, times: number): Promise<void> {
  await eventually(async () => {
    const events = await prints('events', '--since', '1h', '--until', '0s', '--filter', 'event=attach', '--filter', `container=${name}`)
    return events.trim().split('\n').filter(Boolean).length >= times
  })
}

test('keys leave a container with a terminal, which goes on; its exit code comes when it ends', async () => {
  await runDetached('--name', 'sh', '-it', ...BASH)
  await using screen = await shell()
  await attachIn(screen, 'sh')
  await screen.type('echo "one $((1 + 1))"\n')
  await screen.waitFor(/^one 2$/m)
  await screen.press('C-p', 'C-q')
  await screen.waitFor(/read escape sequence\n+code 0$/m)
  await attachIn(screen, '--detach-keys', 'ctrl-x,x', 'sh')
  await screen.type('sleep 1000\n')
  await screen.press('C-c')
  await screen.waitFor(/\^C\n+in> ?$/m)
  await screen.press('C-x', 'x')
  await screen.waitFor(/read escape sequence\n+code 0$/m)
  await attachIn(screen, 'sh')
  await screen.type('exit 7\n')
  await screen.waitFor(/^code 7$/m)
  await prints('rm', 'sh')
})

test("the container's terminal has the size of ours, from the beginning and when it changes", async () => {
  await runDetached('--name', 'sized', '-it', ...BASH)
  await using screen = await shell()
  await attachIn(screen, 'sized')
  await screen.type('trap "stty size" WINCH; stty size\n')
  await screen.waitFor(/24 80$/m)
  await screen.resize({ columns: 100, rows: 30 })
  await screen.waitFor(/30 100$/m)
  await screen.type('exit\n')
  await screen.waitFor(/^code 0$/m)
  await prints('rm', 'sized')
})

const STATE = 'stty -a | tr ";" "\\n" | grep -oE "[-]?(icanon|echo|isig|opost|icrnl)\\b" | tr "\\n" " "'

test('our terminal is as it was, after the keys, after an end, and after a kill', async () => {
  await using screen = await shell()
  await screen.type(`clear; ${STATE}\n`)
  const state = /^.*-?icanon.*$/m.exec((await screen.waitFor(/^(?!host).*icanon.*$/m)).replace(/^host>.*$/gm, ''))?.[0] as string
  assert.match(state, /icanon/)
  const isAsItWas = async () => {
    await screen.type(`clear; ${STATE}\n`)
    await screen.waitFor(new RegExp(`^${state}`, 'm'))
  }
  await runDetached('--name', 'lent', '-it', ...BASH)
  await attachIn(screen, 'lent')
  await screen.press('C-p', 'C-q')
  await screen.waitFor(/^code 0$/m)
  await isAsItWas()
  await attachIn(screen, 'lent')
  await prints('rm', '-f', 'lent')
  await screen.waitFor(/code 137$/m)
  await isAsItWas()
})

test('what cannot be attached to is refused', async () => {
  refused(await gocker(['attach', 'nobody']), 125, /finding container nobody: there is none/)
  refused(await gocker(['attach', '--detach-keys', 'ctrl-1', 'nobody']), 125, /reading --detach-keys "ctrl-1": "ctrl-1" is no key/)
  await runDetached('--name', 'tty', '-it', ...BASH)
  refused(await gocker(['attach', 'tty'], { input: 'ls\n' }), 125, /lending the terminal to container tty: the input device is not a TTY/)
  succeeded(await gocker(['pause', 'tty']))
  refused(await gocker(['attach', '--no-stdin', 'tty']), 125, /attaching to container tty: it is paused/)
  await prints('rm', '-f', 'tty')
  succeeded(await gocker(['create', '--name', 'made', 'busybox', 'true']))
  refused(await gocker(['attach', 'made']), 125, /attaching to container made: it is not started yet/)
  await prints('rm', 'made')
})
