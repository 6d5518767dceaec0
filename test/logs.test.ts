import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { startGocker } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { refused, succeeded } from './support/running.ts'

const { gocker, prints, runDetached, eventually, stateOf, root } = detachedFixture('busybox')

async function ended(name: string, ...words: readonly string[]): Promise<void> {
  await runDetached('--name', name, ...words)
  await prints('wait', name)
}

/** `gocker logs`, for tests that do something while it runs; `text` is what it has printed so far. */
function following(...words: readonly string[]) {
  const { result, child, pid } = startGocker(['logs', '-f', ...words], { root })
  const so = { far: '' }
  child.stdout?.on('data', (chunk) => {
    so.far += chunk
  })
  return { result, child, pid, has: (text: string) => eventually(() => so.far.includes(text)) }
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`

test('stdout goes to stdout, stderr to stderr, byte for byte', async () => {
  await ended('streams', 'busybox', 'sh', '-c', 'printf "\\0\\377 no end"; echo err >&2')
  const { code, stdoutBytes, stderr } = await gocker(['logs', 'streams'])
  assert.deepEqual([code, stdoutBytes.toString('latin1'), stderr], [0, '\0\xff no end', 'err\n'])
  await prints('rm', 'streams')
})

test('lines, times and ends are chosen', async () => {
  await ended('lines', 'busybox', 'sh', '-c', 'seq 1 5; sleep 0.1; echo six; sleep 0.1; printf sev; sleep 0.1; echo en')
  assert.equal(await prints('logs', '--tail', '2', 'lines'), 'six\nseven\n')
  assert.equal(await prints('logs', '-n', '0', 'lines'), '')
  assert.equal(await prints('logs', '--tail', 'all', 'lines'), '1\n2\n3\n4\n5\nsix\nseven\n')
  const timed = await prints('logs', '-t', 'lines')
  assert.match(timed, new RegExp(`^(${TIME} \\d\n){5}${TIME} six\n${TIME} seven\n$`))
  const six = new RegExp(`(${TIME}) six`).exec(timed)?.[1] as string
  assert.equal(await prints('logs', '--since', six, 'lines'), 'six\nseven\n')
  assert.equal(await prints('logs', '--until', six, '--tail', '2', 'lines'), '5\nsix\n')
  assert.equal(await prints('logs', '--since', '1h', '--until', '-1h', '--tail', '1', 'lines'), 'seven\n')
  assert.equal(await prints('logs', '--since', `${Date.now() / 1000 + 5}`, 'lines'), '')
  await prints('rm', 'lines')
})

const REFUSED: [words: string[], said: RegExp][] = [
  [['nobody'], /finding container nobody: there is none/],
  [['--tail', 'few', 'nobody'], /reading --tail "few": neither a number of lines nor all/],
  [['--since', 'once', 'nobody'], /reading --since "once": not a time/],
]

for (const [words, said] of REFUSED)
  test(`logs ${words.join(' ')} is refused`, async () => refused(await gocker(['logs', ...words]), 125, said))

test('where nothing is kept, that is said', async () => {
  await ended('silent', '--log-driver', 'none', 'busybox', 'echo', 'lost')
  refused(await gocker(['logs', 'silent']), 125, /reading the log of silent: it keeps none/)
  succeeded(await gocker(['run', '--name', 'before-us', 'busybox', 'true']))
  refused(await gocker(['logs', 'before-us']), 125, /reading the log of before-us: it has run in the foreground/)
  succeeded(await gocker(['create', '--name', 'not-yet', 'busybox', 'true']))
  assert.equal(await prints('logs', '-f', 'not-yet'), '')
  await prints('rm', 'silent', 'before-us', 'not-yet')
})

test('a follower hears what is said as it is said, through rotations, and ends with the container', async () => {
  const script = 'while read line; do echo "$line"; seq 1 2000; done; echo over; exit 3'
  await runDetached('--name', 'told', '-i', '--log-opt', 'max-size=8k', '--log-opt', 'max-file=50', 'busybox', 'sh', '-c', script)
  const follower = following('told')
  const numbers = Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join('')
  const talk = startGocker(['attach', 'told'], { root, input: 'first\nsecond\n' })
  const { code, stdout } = await follower.result
  assert.deepEqual([code, stdout], [0, `first\n${numbers}second\n${numbers}over\n`])
  assert.equal((await talk.result).code, 3)
  assert.equal(await prints('logs', '--tail', '1', 'told'), 'over\n')
  assert.equal(await prints('logs', 'told'), stdout)
  await prints('rm', 'told')
})

test('a follower of one that goes with its end gets the whole', async () => {
  await runDetached('--rm', '--name', 'gone', '-i', 'busybox', 'sh', '-c', 'echo begun; read line; seq 1 3000')
  const follower = following('gone')
  await follower.has('begun')
  succeeded(await gocker(['attach', 'gone'], { input: 'go\n' }))
  assert.match((await follower.result).stdout, /^begun\n1\n2\n[\d\n]*\n2999\n3000\n$/)
})

test('a follower goes on where a container is started again', async () => {
  await runDetached('--name', 'again', '--restart', 'on-failure:2', 'busybox', 'sh', '-c', 'echo run; exit 1')
  assert.equal((await following('again').result).stdout, 'run\nrun\nrun\n')
  await prints('rm', 'again')
  await runDetached('--name', 'forever', '--restart', 'always', 'busybox', 'echo', 'run')
  const follower = following('forever')
  await follower.has('run')
  await prints('rm', '-f', 'forever')
  assert.equal((await follower.result).code, 0)
})

test('much is written while nobody reads, and a slow reader does not hold it up; nothing is lost', async () => {
  const line = 'a line of some forty bytes, as logs have it'
  await runDetached('--name', 'much', 'busybox', 'sh', '-c', `yes "${line}" | head -c 50000000; echo; echo end`)
  const slow = following('much')
  slow.child.stdout?.pause()
  assert.equal(await prints('wait', 'much'), '0\n')
  slow.child.stdout?.resume()
  const written = Buffer.concat([Buffer.alloc(50_000_000, `${line}\n`), Buffer.from('\nend\n')])
  for (const { stdoutBytes } of [await slow.result, await gocker(['logs', 'much'])]) assert.equal(digest(stdoutBytes), digest(written))
  assert.equal(await prints('logs', '--tail', '1', 'much'), 'end\n')
  await prints('rm', 'much')
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

test('what was written stays when gocker, or the monitor, is killed', async () => {
  await runDetached('--name', 'killed', 'busybox', 'sh', '-c', 'seq 1 1000; sleep 1000')
  const follower = following('killed')
  await follower.has('\n1000\n')
  process.kill(follower.pid, 'SIGKILL')
  await follower.result
  process.kill(stateOf('killed').monitor.pid, 'SIGKILL')
  await prints('wait', 'killed')
  assert.match(await prints('logs', '-f', 'killed'), /^1\n2\n[\d\n]*\n1000\n$/)
  await prints('rm', 'killed')
})
