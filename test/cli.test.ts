import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gocker, startCommand } from '@gocker/testkit'
import { gockerUnderTest } from './support/running.ts'

const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../packages/cli/package.json', import.meta.url)), 'utf8'))

test('the version is one line on stdout', async () => {
  for (const flag of ['--version', '-v']) {
    const { code, stdout, stderr } = await gocker([flag])
    assert.deepEqual([code, stdout, stderr], [0, `gocker version ${version}\n`, ''])
  }
})

test('help lists every command, and every command has help of its own with an example', async () => {
  const { code, stdout, stderr } = await gocker(['--help'])
  assert.deepEqual([code, stderr], [0, ''])
  const commands = Array.from(stdout.matchAll(/^ {2}([a-z]+)\b.* {2}[A-Z]/gm), ([, name = '']) => name).filter((name) => name !== 'help')
  for (const wanted of ['pull', 'build', 'run', 'images', 'tag', 'rmi', 'import', 'export', 'ps', 'rm', 'inspect', 'system'])
    assert.ok(commands.includes(wanted), `${wanted} is in the help`)
  for (const name of commands) for (const words of MEMBERS[name] ?? [[]]) await checkHelp([name, ...words])
  assert.equal((await gocker([])).stdout, stdout)
  assert.equal((await gocker(['help'])).stdout, stdout)
})

/** Of groups, those that are not commands of their own, too. */
const MEMBERS: Record<string, string[][]> = {
  builder: [['prune']],
  container: [[], ['inspect'], ['prune']],
  image: [[], ['inspect'], ['prune']],
  manifest: [[], ...['inspect', 'create', 'annotate', 'push', 'rm'].map((name) => [name])],
  network: ['create', 'ls', 'inspect', 'connect', 'disconnect', 'rm', 'prune'].map((name) => [name]),
  system: [[], ['df'], ['prune']],
  volume: [[], ...['create', 'ls', 'inspect', 'rm', 'prune'].map((name) => [name])],
}

async function checkHelp(words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await gocker([...words, '--help'])
  assert.deepEqual([code, stderr], [0, ''], words.join(' '))
  assert.match(stdout, new RegExp(`^Usage: gocker ${words.join(' ')}[ |]`))
  assert.match(stdout, new RegExp(`\\nExamples?:\\n(?: {2}.*\\n)*? {2}.*gocker ${words.join(' ')}\\b`), 'an example')
  const tooWide = stdout.split('\n').filter((line) => line.length > 80 && !line.includes('gocker '))
  assert.deepEqual(tooWide, [], 'it fits a terminal')
  if (words.length === 1) assert.equal((await gocker(['help', ...words])).stdout, stdout)
}

const MISTAKES: [words: string[], said: RegExp[]][] = [
  [['frobnicate'], [/^gocker: unknown command 'frobnicate'$/m, /hint: gocker --help lists the commands/]],
  [
    ['pul', 'debian'],
    [/^gocker: unknown command 'pul'$/m, /hint: did you mean pull\?/],
  ],
  [['pull'], [/^gocker: missing required argument 'image'$/m, /hint: gocker pull --help/]],
  [['pull', 'a', 'b'], [/^gocker: too many arguments for 'pull'/m]],
  [
    ['pull', '--quite', 'a'],
    [/^gocker: unknown option '--quite'$/m, /hint: did you mean --quiet\?/, /hint: gocker pull --help/],
  ],
  [
    ['system', 'prun'],
    [/^gocker: unknown command 'prun'$/m, /hint: did you mean prune\?/],
  ],
  [['images', '--format', '{{.ID'], [/^gocker: reading template .*an action that {{ begins has no }}$/m]],
  [['run', '--pids-limit', 'many', 'x'], [/^gocker: .*not a whole number/m]],
  [['pull', 'Debian'], [/^gocker: reading image name "Debian": the name must be lower case$/m]],
  [
    ['inspect', 'nothing'],
    [
      /^gocker: finding nothing: there is none, neither a container nor an image, a network or a volume$/m,
      /hint: gocker ps -a, gocker images/,
    ],
  ],
]

for (const [words, said] of MISTAKES)
  test(`gocker ${words.join(' ')}: says what is wrong, and ends with 125`, async () => {
    const { code, stdout, stderr } = await gocker(words)
    assert.deepEqual([code, stdout], [125, ''])
    for (const pattern of said) assert.match(stderr, pattern)
    assert.doesNotMatch(stderr, /^ +at /m)
  })

test('a stack is printed with --debug alone', async () => {
  const { code, stderr } = await gocker(['--debug', 'inspect', 'nothing'])
  assert.equal(code, 125)
  assert.match(stderr, /^gocker: finding nothing: there is none, .*\n {2}hint: .*\n(.*\n)*StoreError: .*\n {4}at /)
})

test('a reader that goes away ends a command without a word', async () => {
  const { stderr } = await startCommand(
    ['sh', '-c', '{ sleep 0.5; "$@"; echo "ended with $?" >&2; } | true', 'sh', ...gockerUnderTest(), 'run', '--help'],
    {},
  ).result
  assert.match(stderr, /^ended with (?:0|141)\n$/)
})
