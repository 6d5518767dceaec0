import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startCommand } from '@gocker/testkit'
import { detachedFixture } from './support/detached.ts'
import { gockerUnderTest, refused, succeeded } from './support/running.ts'

// Before the fixture looks for what is left.
after(() => ok('rm', 'web'))

const { gocker, prints: ok, root, eventually } = detachedFixture('busybox')
const env = { ...process.env, GOCKER_ROOT: join(root, 'store'), GOCKER_RUN: join(root, 'run'), HOME: root }
const file = (shell: string) => join(root, `completion.${shell}`)
const run = async (command: readonly string[], input: string) => succeeded(await startCommand(command, { env, input }).result).stdout

before(async () => {
  // The fixture's own hook may be at work still.
  await eventually(async () => (await ok('images', '-q')) !== '')
  await ok('create', '--network', 'none', '--name', 'web', 'busybox', 'true')
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(file(shell), await ok('completion', shell))
})

/** A line as far as it is typed, and what may come next. */
const LINES: [line: string, words: string[]][] = [
  ['gocker renam', ['rename']],
  ['gocker volume ', ['create', 'inspect', 'ls', 'prune', 'rm']],
  ['gocker container re', ['rename', 'restart']],
  ['gocker run --cpu-q', ['--cpu-quota']],
  ['gocker run --pull ', ['always', 'missing', 'never']],
  ['gocker rm w', ['web']],
  ['gocker run --rm busy', ['busybox:latest']],
  ['gocker stop ', []],
]

/** What readline would tell the function. */
const BASH_LINE = `
complete_line() {
  COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
  read -ra COMP_WORDS <<<"$1"
  [[ $1 == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _gocker
  echo "\${COMPREPLY[*]}"
}`

test('bash completes commands, flags, their values, and names', async () => {
  const lines = LINES.map(([line]) => `complete_line '${line}'`).join('\n')
  const script = `gocker() { ${gockerUnderTest().join(' ')} "$@"; }\nsource ${file('bash')}\n${BASH_LINE}\n${lines}\n`
  const found = (await run(['bash', '--norc'], script)).split('\n').slice(0, -1)
  assert.deepEqual(
    found.map((words) => words.split(' ').filter(Boolean).sort()),
    LINES.map(([, words]) => words),
  )
})

test('fish completes the same', async () => {
  const lines = LINES.map(([line]) => `complete -C '${line}' | string split -f 1 \\t; echo ==`).join('\n')
  const script = `function gocker; ${gockerUnderTest().join(' ')} $argv; end\nsource ${file('fish')}\n${lines}\n`
  const found = (await run(['fish', '--no-config', '-c', script], '')).split('==\n').slice(0, -1)
  assert.deepEqual(
    found.map((words) => words.split('\n').filter(Boolean).sort()),
    LINES.map(([, words]) => words),
  )
})

test('zsh reads its script', async () => {
  assert.equal(await run(['zsh', '-f', '-n', file('zsh')], ''), '')
  const script = `autoload -U compinit; compinit -u -D; source ${file('zsh')}; echo $_comps[gocker]\n`
  assert.equal(await run(['zsh', '-f'], script), '_gocker\n')
})

test('other shells are refused', async () => {
  refused(await gocker(['completion', 'csh']), 125, /'csh' is invalid/)
})
