import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  busyboxRootfs,
  type CommandResult,
  gocker,
  gockerTerminal,
  inspectWithSkopeo,
  leaks,
  makeTemporaryDirectory,
  removeTree,
  schemaFor,
  startGocker,
  temporaryDirectory,
} from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'

/** One store for all of these tests, as a user has one; each builds images of its own. */
const root = makeTemporaryDirectory()
after(() => removeTree(root))
before(async () => {
  const changes = ['-c', 'ENV PATH=/bin', '-c', 'CMD ["sh"]']
  succeeded(await gocker(['import', ...changes, '-', 'base'], { root, input: busyboxRootfs() }))
})

/** A context with a Gockerfile and other files. */
function contextOf(t: TestContext, gockerfile: string, files: Readonly<Record<string, string>> = {}): string {
  const directory = temporaryDirectory(t)
  for (const [name, content] of Object.entries({ Gockerfile: gockerfile, ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
    chmodSync(join(directory, name), 0o644)
  }
  return directory
}

let count = 0
/** Builds under a name of its own. */
async function built(context: string, ...flags: string[]): Promise<{ name: string; id: string; stderr: string }> {
  const name = `built-${++count}`
  const { stdout, stderr } = succeeded(await gocker(['build', '--network', 'none', '-t', name, ...flags, context], { root }))
  return { name, id: stdout.trim(), stderr }
}

async function output(name: string, ...words: string[]): Promise<string> {
  return succeeded(await gocker(['run', '--rm', '--network', 'none', name, ...words], { root })).stdout
}

const EVERYTHING = `# all of the simple ones
FROM base
ARG GREETING=hello
ENV A=1 B="two words" LC=$GREETING
LABEL who="us" what=test
WORKDIR /srv/app
COPY one two/ ./
COPY --chown=alice:staff --chmod=0750 one /home/alice/
COPY --chown=12:34 two/ /numbers/
RUN echo "$GREETING $A $B" > said && id -u > uid
RUN ["/bin/sh", "-c", "echo exec form: $0 > exec", "zero"]
EXPOSE 80 53/udp
USER alice
RUN id -un > ~/me
ENTRYPOINT ["/bin/cat"]
CMD ["said", "uid", "exec", "/home/alice/me"]
`

test('FROM RUN COPY ENV ARG WORKDIR USER CMD ENTRYPOINT LABEL EXPOSE: built, read by skopeo, run', async (t) => {
  const context = contextOf(t, EVERYTHING, { one: 'first\n', 'two/file': 'second\n', ignored: 'x', '.gockerignore': 'ignored\n' })
  const { name, id } = await built(context, '--build-arg', 'GREETING=good morning')
  assert.equal(await output(name), 'good morning 1 two words\n0\nexec form: zero\nalice\n')
  assert.match(await output(name, '/srv/app/file', '/srv/app/one'), /^second\nfirst\n$/)
  const stat = [
    'run',
    '--rm',
    '--network',
    'none',
    '--user',
    '0',
    '--entrypoint',
    'stat',
    name,
    '-c',
    '%a %U:%G %u:%g %n',
    '/home/alice/one',
    '/numbers/file',
    '/srv/app',
  ]
  assert.equal(
    succeeded(await gocker(stat, { root })).stdout,
    '750 alice:staff 1000:50 /home/alice/one\n644 UNKNOWN:UNKNOWN 12:34 /numbers/file\n755 root:root 0:0 /srv/app\n',
  )
  const config = await inspectWithSkopeo(`oci:${root}/store:docker.io/library/${name}:latest`, '--config')
  assert.deepEqual(config.config, {
    Env: ['PATH=/bin', 'A=1', 'B=two words', 'LC=good morning'],
    Labels: { who: 'us', what: 'test' },
    WorkingDir: '/srv/app',
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    User: 'alice',
    Entrypoint: ['/bin/cat'],
    Cmd: ['said', 'uid', 'exec', '/home/alice/me'],
  })
  checkDocuments(id, await inspectWithSkopeo(`oci:${root}/store:docker.io/library/${name}:latest`, '--raw'), config)
})

function checkDocuments(id: string, manifest: Record<string, unknown>, config: Record<string, unknown>): void {
  assert.deepEqual(schemaFor('image-manifest')(manifest), [])
  assert.deepEqual(schemaFor('image-config')(config), [])
  assert.equal((manifest.config as { digest: string }).digest, id)
  const { rootfs, history } = config as { rootfs: { diff_ids: string[] }; history: { empty_layer?: boolean; created_by?: string }[] }
  assert.equal(history.filter(({ empty_layer }) => empty_layer !== true).length, rootfs.diff_ids.length)
  assert.ok(history.some(({ created_by }) => created_by?.includes('LABEL who')))
}

test('what is built can be unpacked by umoci', async (t) => {
  const { name } = await built(contextOf(t, 'FROM base\nRUN echo new > /etc/motd && rm /etc/os-release\n'))
  const bundle = join(temporaryDirectory(t), 'bundle')
  execFileSync('umoci', ['unpack', '--image', `${umociLayout(t, name)}:x`, bundle], { stdio: 'pipe' })
  assert.equal(readFileSync(`${bundle}/rootfs/etc/motd`, 'utf8'), 'new\n')
  assert.throws(() => readFileSync(`${bundle}/rootfs/etc/os-release`), { code: 'ENOENT' })
})

/** umoci takes no tag with a slash or a colon: skopeo copies the image to a layout under one that it takes. */
function umociLayout(t: TestContext, name: string): string {
  const layout = join(temporaryDirectory(t), 'layout')
  const names = [`oci:${root}/store:docker.io/library/${name}:latest`, `oci:${layout}:x`]
  execFileSync('skopeo', ['--insecure-policy', 'copy', '--quiet', ...names], { stdio: 'pipe' })
  return layout
}

test('a second build runs nothing, and gives the same image', async (t) => {
  const context = contextOf(t, 'FROM base\nCOPY a /a\nRUN cat /a > /b\nLABEL x=1\n', { a: '1', b: '1' })
  const first = await built(context)
  assert.doesNotMatch(first.stderr, /CACHED/)
  const second = await built(context)
  assert.equal(second.id, first.id)
  assert.deepEqual(stepsDone(second.stderr).slice(0, 2), ['1 CACHED', '2 CACHED'])
  writeFileSync(join(context, 'b'), '2')
  assert.equal((await built(context)).id, first.id, 'a file that no step reads changes nothing')
  const fresh = await built(context, '--no-cache')
  assert.doesNotMatch(fresh.stderr, /(COPY|RUN).*CACHED/)
})

/** `3 CACHED` for each step of a plain progress that is done. */
function stepsDone(stderr: string): string[] {
  const done = stderr.matchAll(/^\[(\d+)\/\d+\] .* {2}(CACHED|FAILED|[\d.]+s)$/gm)
  return Array.from(done, ([, number, how]) => `${number} ${how?.replace(/^[\d.]+s$/, 'done')}`)
}

test('a changed file makes what follows it anew, and nothing before it', async (t) => {
  const context = contextOf(t, 'FROM base\nRUN echo 1 > /before\nCOPY a /a\nRUN cat /a > /after\n', { a: 'old' })
  const first = await built(context)
  writeFileSync(join(context, 'a'), 'new')
  const second = await built(context)
  assert.notEqual(second.id, first.id)
  assert.match(second.stderr, /RUN echo 1 > \/before {2}CACHED/)
  assert.match(second.stderr, /COPY a \/a {2}[\d.]+s/)
  assert.match(second.stderr, /RUN cat \/a > \/after {2}[\d.]+s/)
  assert.equal(await output(second.name, 'cat', '/after'), 'new')
})

test('a build argument is part of what a step is', async (t) => {
  const context = contextOf(t, 'FROM base\nARG V=0\nRUN echo $V > /v\n')
  const [none, one, again] = [await built(context), await built(context, '--build-arg', 'V=1'), await built(context, '--build-arg', 'V=1')]
  assert.equal(await output(none.name, 'cat', '/v'), '0\n')
  assert.equal(await output(one.name, 'cat', '/v'), '1\n')
  assert.equal(again.id, one.id)
  assert.match(again.stderr, /RUN echo \$V > \/v {2}CACHED/)
})

test('-f names another file, a Dockerfile is found, and neither is an error', async (t) => {
  const context = contextOf(t, 'FROM base\nLABEL from=Gockerfile\n', { Dockerfile: 'FROM base\nLABEL from=Dockerfile\n' })
  const other = contextOf(t, 'FROM base\nLABEL from=other\n')
  const from = async (...words: string[]) => {
    const id = succeeded(await gocker(['build', '--network', 'none', '-q', ...words], { root })).stdout.trim()
    return JSON.parse(succeeded(await gocker(['inspect', id], { root })).stdout)[0].Config.Labels.from
  }
  assert.equal(await from(context), 'Gockerfile')
  assert.equal(await from('-f', join(context, 'Dockerfile'), context), 'Dockerfile')
  assert.equal(await from('-f', join(other, 'Gockerfile'), context), 'other')
  execFileSync('rm', [join(context, 'Gockerfile')])
  assert.equal(await from(context), 'Dockerfile')
  execFileSync('rm', [join(context, 'Dockerfile')])
  failedWith(await gocker(['build', '--network', 'none', context], { root }), /Gockerfile.*Dockerfile/)
  failedWith(await gocker(['build', '--network', 'none', '-f', join(other, 'none'), context], { root }), /none/)
  failedWith(await gocker(['build', '--network', 'none', join(context, 'no-such-directory')], { root }), /no-such-directory/)
})

const MISTAKES: readonly [title: string, gockerfile: string, said: RegExp][] = [
  ['an unknown instruction', 'FROM base\n\nRNU true\n', /Gockerfile:3:1: .*RNU/],
  ['no FROM', 'RUN true\n', /Gockerfile:1:1: .*FROM/],
  ['an empty file', '# nothing\n', /Gockerfile/],
  ['a file that is not there', 'FROM base\nLABEL a=b\nCOPY missing /x\n', /Gockerfile:3:1: COPY: missing is not there/],
  ['a way out of the context', 'FROM base\nCOPY ../../etc/passwd /x\n', /Gockerfile:2:1: COPY: .*etc\/passwd/],
  ['a user that the image has not', 'FROM base\nCOPY --chown=nobody-here Gockerfile /x\n', /Gockerfile:2:1: COPY: .*nobody-here/],
  ['an unknown flag', 'FROM base\nCOPY --chwon=1 Gockerfile /x\n', /Gockerfile:2:\d+: .*--chwon/],
  ['an image that is nowhere', 'FROM 127.0.0.1:1/nothing\n', /127\.0\.0\.1:1/],
]

for (const [title, gockerfile, said] of MISTAKES)
  test(`${title}: one line that says where`, async (t) => {
    const context = contextOf(t, gockerfile)
    const watch = leaks(root)
    failedWith(await gocker(['build', '--network', 'none', context], { root }), said)
    await watch.assertNone()
  })

test('a RUN that fails shows what it printed last and its exit code, and its image is not there', async (t) => {
  const context = contextOf(t, 'FROM base\nRUN echo to stdout; echo to stderr >&2; exit 42\nRUN never\n')
  const watch = leaks(root)
  const failed = await gocker(['build', '--network', 'none', '-t', 'failed', context], { root })
  failedWith(failed, /Gockerfile:2:1: RUN: .*42/)
  assert.match(failed.stderr, /\| to stdout$/m)
  assert.match(failed.stderr, /\| to stderr$/m)
  assert.doesNotMatch(failed.stderr, /never {2}/)
  failedWith(await gocker(['inspect', 'failed'], { root }), /there is none/)
  await watch.assertNone()
})

test('with SOURCE_DATE_EPOCH two builds in different places and stores give the same digests', async (t) => {
  const stores = [temporaryDirectory(t), temporaryDirectory(t)] as const
  succeeded(await gocker(['import', '-', 'base'], { root: stores[0], input: busyboxRootfs() }))
  execFileSync('cp', ['-a', ...stores.map((store) => `${store}/.`)])
  const env = { SOURCE_DATE_EPOCH: '1700000000' }
  const descriptors: unknown[] = []
  for (const store of stores) {
    const context = contextOf(t, 'FROM base\nCOPY d /d\nRUN echo x > /made; mkdir /dir; touch /dir/a /dir/b\n', { 'd/a': '1', 'd/b': '2' })
    succeeded(await gocker(['build', '--network', 'none', '-t', 'same', context], { root: store, env }))
    descriptors.push(JSON.parse(succeeded(await gocker(['inspect', 'same'], { root: store })).stdout)[0].Descriptor)
    await delay(1100)
  }
  assert.deepEqual(descriptors[1], descriptors[0])
  const wrong = await gocker(['build', '--network', 'none', contextOf(t, 'FROM base\n')], { root, env: { SOURCE_DATE_EPOCH: 'yesterday' } })
  failedWith(wrong, /SOURCE_DATE_EPOCH.*yesterday/)
})

test('Ctrl-C in the middle of a RUN ends it, and leaves nothing', async (t) => {
  const context = contextOf(t, 'FROM base\nRUN echo working; touch /half; sleep 1000\n')
  const watch = leaks(root)
  const building = startGocker(['build', '--network', 'none', '-t', 'interrupted', context], { root })
  await saidBy(building, '| working')
  building.child.kill('SIGINT')
  const { code, stderr } = await building.result
  assert.equal(code, 130, stderr)
  assert.match(stderr, /^gocker: interrupted$/m)
  await watch.assertNone()
  failedWith(await gocker(['inspect', 'interrupted'], { root }), /there is none/)
})

async function saidBy(
  { child, result }: { child: ReturnType<typeof startGocker>['child']; result: Promise<CommandResult> },
  words: string,
): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const ended = result.then(({ stderr }) => assert.fail(`it ended: ${stderr}`))
  while (!said.includes(words)) await Promise.race([delay(10), ended])
  ended.catch(() => {})
}

test('on a terminal: finished steps stand, the running one is a live line with what it prints, Ctrl-C ends it', async (t) => {
  const long = `echo ${'very '.repeat(30)}long`
  const context = contextOf(t, `FROM base\nRUN ${long} > /dev/null\nRUN echo first; sleep 0.3; printf 'and %s this' now; sleep 1000\n`)
  const watch = leaks(root)
  await using terminal = await gockerTerminal(['build', '--network', 'none', context], { root, size: { columns: 60, rows: 24 } })
  const screen = await terminal.waitFor(/and now this/)
  const lines = screen.split('\n').filter((line) => line.trim() !== '')
  assert.match(lines.at(-1) ?? '', /^\S \[2\/2\] RUN echo first; .*… \| and now this$/)
  assert.match(screen, /^\[1\/2\] RUN echo very very .*…$/m)
  await terminal.press('C-c')
  assert.equal((await terminal.exited()).code, 130)
  assert.match(await terminal.screen(), /^gocker: interrupted$/m)
  await terminal.stop()
  await watch.assertNone()
})

test('RUN is on the default bridge, unless it is told otherwise', async (t) => {
  const context = contextOf(t, 'FROM base\nRUN ls /sys/class/net > /by-default\nRUN --network=none ls /sys/class/net > /none\n')
  try {
    succeeded(await gocker(['build', '-t', 'bridged', context], { root }))
    assert.equal(await output('bridged', 'cat', '/by-default', '/none'), 'eth0\nlo\nlo\n')
  } finally {
    succeeded(await gocker(['network', 'prune'], { root }))
  }
})
