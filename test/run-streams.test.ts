import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { refused, runFixture } from './support/running.ts'

const { gocker, run, output, start } = runFixture('busybox')

const CODES: [words: string[], code: number][] = [
  [['busybox', 'true'], 0],
  [['busybox', 'sh', '-c', 'exit 7'], 7],
  [['busybox', 'sh', '-c', 'exit 255'], 255],
  [['--init', 'busybox', 'sh', '-c', 'kill -SEGV $$'], 139],
]

for (const [words, expected] of CODES)
  test(`the exit code of ${words.join(' ')} is ${expected}`, async () => {
    const { code, stdout, stderr } = await run(words)
    assert.deepEqual([code, stdout, stderr], [expected, '', ''])
  })

const REFUSED: [words: string[], code: number, said: RegExp][] = [
  [['busybox', 'nope'], 127, /exec: "nope": executable file not found in \$PATH/],
  [['busybox', '/bin/nope'], 127, /exec: "\/bin\/nope": no such file or directory/],
  [['busybox', '/etc'], 126, /exec: "\/etc": permission denied/],
  [['busybox', '/etc/passwd'], 126, /exec: "\/etc\/passwd": permission denied/],
  [['busybox'], 125, /neither the image nor the command line says what to run/],
  [['--pull', 'never', 'no-such-image', 'true'], 125, /finding image no-such-image: there is none/],
  [['--pull', 'never', '--platform', 'linux/arm64', 'busybox', 'true'], 125, /choosing linux\/arm64: the image is made for linux\//],
  [['--pull', 'sometimes', 'busybox', 'true'], 125, /always, missing, never/],
  [['--network', 'moon', 'busybox', 'true'], 125, /finding network moon: there is none/],
  [['-m', 'much', 'busybox', 'true'], 125, /memory "much"/],
  [['--pids-limit', 'few', 'busybox', 'true'], 125, /pids-limit "few": not a whole number/],
  [['-it', 'busybox', 'sh'], 125, /the input device is not a TTY/],
]

for (const [words, code, said] of REFUSED)
  test(`run ${words.join(' ')} is refused with ${code}`, async () => refused(await run(words), code, said))

test('a flag that there is not is refused, and a like one named', async () => {
  const { code, stdout, stderr } = await run(['--nam', 'x', 'busybox', 'true'])
  assert.deepEqual([code, stdout], [125, ''])
  assert.match(stderr, /'--nam'[\s\S]*--name/)
})

test("flags behind the image are the command's", async () => {
  assert.equal(await output(['busybox', 'echo', '--rm', '-it', '--', '-x']), '--rm -it -- -x\n')
})

test('stdout and stderr stay apart', async () => {
  const { code, stdout, stderr } = await run(['busybox', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
  assert.deepEqual([code, stdout, stderr], [3, 'out\n', 'err\n'])
})

test('a megabyte of random bytes goes through stdin and stdout', async () => {
  const input = randomBytes(1_000_000)
  const { code, stdoutBytes, stderr } = await run(['-i', 'busybox', 'cat'], { input })
  assert.deepEqual([code, stderr], [0, ''])
  assert.ok(stdoutBytes.equals(input))
})

test('without -i stdin is empty', async () => {
  assert.equal(await output(['busybox', 'cat'], { input: 'not seen' }), '')
})

test('a command need not read its input', async () => {
  assert.equal(await output(['-i', 'busybox', 'echo', 'done'], { input: randomBytes(1_000_000) }), 'done\n')
})

test('all output arrives that was written before the end', async () => {
  const { stdoutBytes } = await run(['busybox', 'head', '-c', '5000000', '/dev/zero'])
  assert.equal(stdoutBytes.length, 5_000_000)
})

test('a reader who goes away ends the pipeline, and the container', async () => {
  const running = start(['busybox', 'sh', '-c', 'yes || exit 5'])
  // That its output ends early is what is tried here.
  const read = running.result.catch(() => {})
  running.child.stdout?.once('data', () => running.child.stdout?.destroy())
  const code = await new Promise((resolve) => running.child.once('exit', resolve))
  assert.equal(code, 5)
  await read
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)
  test(`${signal} reaches the command`, async () => {
    const name = signal.slice(3)
    const running = start(['busybox', 'sh', '-c', `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.1; done`])
    running.child.stdout?.once('data', () => process.kill(running.pid, signal))
    const { code, stdout } = await running.result
    assert.deepEqual([code, stdout], [9, `ready\ngot ${name}\n`])
  })

test('what does not heed SIGINT is killed by the third', async () => {
  const running = start(['busybox', 'sh', '-c', "trap 'echo no' INT; echo ready; while :; do sleep 0.1; done"])
  // Each answer, and the first word, asks for the next signal.
  running.child.stdout?.on('data', () => process.kill(running.pid, 'SIGINT'))
  const { code, stdout } = await running.result
  assert.deepEqual([code, stdout], [137, 'ready\nno\nno\n'])
})

test('a name that is taken is refused, and free again when the container is removed', async () => {
  assert.equal((await gocker(['run', '--name', 'one', 'busybox', 'sh', '-c', 'exit 4'])).code, 4)
  refused(await run(['--name', 'one', 'busybox', 'true']), 125, /creating container one: another container has this name/)
  assert.match((await gocker(['ps', '-a'])).stdout, /busybox +.*Exited \(4\).* one\n/)
  assert.equal((await gocker(['ps', '-q'])).stdout.trim(), '')
  assert.equal((await gocker(['rm', 'one'])).stdout, 'one\n')
  assert.equal(await output(['--name', 'one', 'busybox', 'echo', 'again']), 'again\n')
  assert.equal((await gocker(['ps', '-aq'])).stdout.trim(), '')
})

test('one that runs is listed, and removed only with force', async () => {
  const running = start(['--name', 'runner', '--label', 'a=b', 'busybox', 'sh', '-c', 'echo ready; sleep 1000'])
  await new Promise((resolve) => running.child.stdout?.once('data', resolve))
  assert.match((await gocker(['ps'])).stdout, /Up .* runner\n/)
  const [inspected] = JSON.parse((await gocker(['inspect', 'runner'])).stdout)
  assert.deepEqual([inspected.Config.Labels, inspected.State.Status], [{ a: 'b' }, 'running'])
  assert.notEqual((await gocker(['rm', 'runner'])).code, 0)
  assert.equal((await gocker(['rm', '-f', 'runner'])).stdout, 'runner\n')
  assert.equal((await running.result).code, 137)
})
