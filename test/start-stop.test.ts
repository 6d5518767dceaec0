import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { detachedFixture, isRunning } from './support/detached.ts'
import { refused, succeeded } from './support/running.ts'

const { gocker, prints, runDetached, status, eventually, stateOf, said, root } = detachedFixture('busybox')

/** Ends with 5 when it is asked to, and says so. */
const POLITE = ['busybox', 'sh', '-c', 'trap "echo bye; exit 5" TERM; trap "echo again" HUP; echo up; while :; do sleep 0.05; done']
/** Does not. */
const RUDE = ['busybox', 'sh', '-c', 'trap "" TERM; echo up; sleep 1000 & wait; sleep 1000']

test('a container is created, started, stopped and started again, and keeps its files', async () => {
  const create = ['create', '--name', 'job', '--network', 'none', '-e', 'A=1', '-w', '/tmp']
  const id = (await prints(...create, 'busybox', 'sh', '-c', 'echo "$A $PWD" >> /said; cat /said; exec sleep 1000')).trim()
  assert.equal(await status('job'), 'Created')
  assert.equal(await prints('wait', 'job'), '0\n')
  assert.equal(await prints('start', 'job'), 'job\n')
  assert.match(await status('job'), /^Up /)
  assert.equal(await prints('start', id.slice(0, 8)), `${id.slice(0, 8)}\n`)
  assert.equal(await prints('stop', '-t', '0', 'job'), 'job\n')
  assert.match(await status('job'), /^Exited \(137\)/)
  succeeded(await gocker(['start', 'job']))
  await eventually(() => said('job') === '1 /tmp\n1 /tmp\n1 /tmp\n')
  succeeded(await gocker(['rm', '-f', 'job']))
})

test('start -a shows what it says and ends as it does, -i lets it read', async () => {
  succeeded(await gocker(['create', '-i', '--name', 'talk', '--network', 'none', 'busybox', 'sh', '-c', 'cat; echo err >&2; exit 6']))
  const { code, stdout, stderr } = await gocker(['start', '-ai', 'talk'], { input: 'typed\n' })
  assert.deepEqual([code, stdout, stderr], [6, 'typed\n', 'err\n'])
  refused(await gocker(['start', '-a', 'talk', 'talk']), 125, /only one at a time/)
  succeeded(await gocker(['rm', '-f', 'talk']))
})

test('stop asks, and waits; stopped again, it is as it was', async () => {
  await runDetached('--name', 'polite', ...POLITE)
  await eventually(() => said('polite') === 'up\n')
  assert.equal(await prints('stop', 'polite'), 'polite\n')
  assert.match(await status('polite'), /^Exited \(5\)/)
  assert.equal(said('polite'), 'up\nbye\n')
  assert.equal(await prints('stop', 'polite'), 'polite\n')
  assert.equal(await prints('wait', 'polite'), '5\n')
  succeeded(await gocker(['rm', 'polite']))
})

test('stop kills what does not heed it, after its own time or another, and asks with its own signal or another', async () => {
  await runDetached('--name', 'rude', '--stop-timeout', '0', ...RUDE)
  await runDetached('--name', 'odd', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', 'trap "exit 9" USR1; while :; do sleep 0.05; done')
  assert.equal(await prints('stop', 'rude', 'odd'), 'rude\nodd\n')
  assert.equal(await prints('wait', 'rude', 'odd'), '137\n9\n')
  succeeded(await gocker(['start', 'rude', 'odd']))
  succeeded(await gocker(['stop', '--time', '0', '--signal', 'HUP', 'rude', 'odd']))
  assert.equal(await prints('wait', 'rude', 'odd'), '137\n137\n')
  succeeded(await gocker(['rm', 'rude', 'odd']))
})

test('restart starts what ran and what did not', async () => {
  await runDetached('--name', 'again', ...POLITE)
  await eventually(() => said('again') === 'up\n')
  assert.equal(await prints('restart', 'again'), 'again\n')
  await eventually(() => said('again') === 'up\nbye\nup\n')
  succeeded(await gocker(['kill', 'again']))
  succeeded(await gocker(['restart', '-t', '0', 'again']))
  assert.match(await status('again'), /^Up /)
  succeeded(await gocker(['rm', '--force', '--volumes', 'again']))
})

test('kill sends any signal; what does not run cannot get one', async () => {
  await runDetached('--name', 'target', ...POLITE)
  await eventually(() => said('target') === 'up\n')
  assert.equal(await prints('kill', '--signal', 'HUP', 'target'), 'target\n')
  await eventually(() => said('target') === 'up\nagain\n')
  assert.equal(await prints('kill', '-s', '15', 'target'), 'target\n')
  assert.equal(await prints('wait', 'target'), '5\n')
  refused(await gocker(['kill', 'target']), 1, /killing container target: it is not running/)
  succeeded(await gocker(['start', 'target']))
  succeeded(await gocker(['kill', 'target']))
  assert.match(await status('target'), /^Exited \(137\)/)
  succeeded(await gocker(['rm', 'target']))
})

test('wait hears of the end of what goes when it ends, and of several', async () => {
  await runDetached('--name', 'first', '--rm', ...POLITE)
  await runDetached('--name', 'second', 'busybox', 'sh', '-c', 'exit 7')
  const { pid } = stateOf('first')
  const waiting = prints('wait', 'first', 'second')
  await eventually(() => isRunning(`gocker: waits for ${pid}`))
  succeeded(await gocker(['kill', '--signal', 'TERM', 'first']))
  assert.equal(await waiting, '5\n7\n')
  await eventually(async () => (await prints('ps', '-aq', '--filter', 'name=first')) === '')
  succeeded(await gocker(['rm', 'second']))
})

test('each name that is wrong is told, and the others are done', async () => {
  await runDetached('--name', 'right', 'busybox', 'sleep', '1000')
  for (const command of ['start', 'stop', 'wait']) refused(await gocker([command, 'wrong']), 1, /finding container wrong: there is none/)
  const { code, stdout, stderr } = await gocker(['rm', '-f', 'wrong', 'right', 'worse'])
  assert.deepEqual([code, stdout], [1, 'right\n'])
  assert.match(stderr, /wrong: there is none(.|\n)*worse: there is none/)
})

test('what runs is not removed unless that is forced', async () => {
  await runDetached('--name', 'alive', 'busybox', 'sleep', '1000')
  refused(await gocker(['rm', 'alive']), 1, /removing container alive: it is running/)
  succeeded(await gocker(['rm', '-f', 'alive']))
})

test('a container that ran in the foreground can be started in the background', async () => {
  assert.equal((await gocker(['run', '--name', 'fore', '--network', 'none', 'busybox', 'sh', '-c', 'echo said; exit 3'])).code, 3)
  assert.equal(await prints('start', 'fore'), 'fore\n')
  assert.equal(await prints('wait', 'fore'), '3\n')
  await eventually(() => said('fore') === 'said\n')
  succeeded(await gocker(['rm', 'fore']))
})

test('a start that fails is told, and leaves a container that has ended', async () => {
  succeeded(await gocker(['create', '--name', 'broken', '--network', 'none', 'busybox', '/no/such']))
  refused(await gocker(['start', 'broken']), 1, /"\/no\/such": no such file or directory/)
  assert.equal(await status('broken'), 'Created')
  succeeded(await gocker(['rm', 'broken']))
})

test('after the machine went down, what ran has ended, and can be started', async () => {
  await runDetached('--name', 'ran', ...POLITE)
  process.kill(stateOf('ran').monitor.pid, 'SIGKILL')
  await eventually(async () => /^Exited/.test(await status('ran')))
  rmSync(join(root, 'run'), { recursive: true })
  assert.match(await status('ran'), /^Exited \(255\)/)
  succeeded(await gocker(['start', 'ran']))
  assert.match(await status('ran'), /^Up /)
  succeeded(await gocker(['rm', '-f', 'ran']))
})
