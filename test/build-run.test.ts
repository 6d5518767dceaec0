import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { BASE, type Built, buildFixture, contextOf, listing } from './support/building.ts'

const { built, store } = buildFixture()
const FROM = `FROM ${BASE}\n`

/** What the steps printed. */
function printed({ events }: Pick<Built, 'events'>): string {
  return events.map((event) => (event.type === 'step-output' ? Buffer.from(event.chunk).toString() : '')).join('')
}

/** How each layer's step ended. */
function cached({ events }: Built): boolean[] {
  return events.flatMap((event) => (event.type === 'step-done' ? [event.cached] : []))
}

/** The names in the layer that the last step made. */
function lastLayer({ image }: Built): string[] {
  return listing(store().layers.path(image.layers.at(-1) ?? 'sha256:'))
}

describe('RUN --mount=type=bind', () => {
  test('shows the context without what is ignored, read-only, and leaves nothing in the layer', async (t) => {
    const files = { '.dockerignore': 'secret\nd/*.tmp\n', a: 'A', secret: 'S', 'd/b': 'B', 'd/c.tmp': 'C' }
    const run = 'RUN --mount=target=/in/context find /in/context | sort; touch /in/context/x 2>&1; echo made > /out\n'
    const result = await built(t, FROM + run, { files })
    const names = ['', '/.dockerignore', '/a', '/d', '/d/b'].map((name) => `/in/context${name}\n`).join('')
    assert.equal(printed(result), `${names}touch: /in/context/x: Read-only file system\n`)
    assert.deepEqual(lastLayer(result), ['644 0:0 out made'])
  })

  test('shows a directory or a file of it; the target is relative to WORKDIR, variables are expanded', async (t) => {
    const files = { 'd/b': 'B', 'd/e/f': 'F', a: 'A' }
    const mounts = '--mount=type=bind,source=$D/../d,dst=here,ro --mount=type=bind,src=/a,destination=/etc/os-release'
    const result = await built(t, `${FROM}ARG D=d\nWORKDIR /w\nRUN ${mounts} cat here/b here/e/f /etc/os-release\n`, { files })
    assert.equal(printed(result), 'BFA')
  })

  test('what is written into it is thrown away', async (t) => {
    const files = { '.dockerignore': 'hidden', 'd/b': 'B', a: 'A', hidden: 'H' }
    const run =
      'RUN --mount=target=/in,rw --mount=source=a,target=/file,readwrite ls /in; rm /in/d/b; echo new > /in/a; echo 2 > /file; cat /in/a /file; ls /in/d\n'
    const context = contextOf(t, files)
    assert.equal(printed(await built(t, FROM + run, { context })), 'a\nd\nnew\n2\n')
    assert.deepEqual(listing(context), ['644 0:0 .dockerignore hidden', '644 0:0 a A', '755 0:0 d/', '644 0:0 d/b B', '644 0:0 hidden H'])
  })

  test('shows a stage as its layers make it, or an image', async (t) => {
    const gockerfile = `${FROM.trim()} AS one
RUN mkdir /d && echo 1 > /d/gone && echo 1 > /d/kept && echo 1 > /d/changed
RUN rm /d/gone && echo 2 > /d/changed && ln -s d/kept /link
${FROM}RUN --mount=from=one,target=/one ls /one/d; cat /one/d/changed
RUN --mount=from=one,source=d,target=/one,rw ls /one; cat /one/changed; rm /one/kept
RUN --mount=from=one,source=link,target=/kept cat /kept
RUN --mount=from=0,source=/d/changed,target=/file,rw echo 3 >> /file; cat /file
RUN --mount=from=${BASE},source=etc,target=/other ls /other
`
    assert.equal(printed(await built(t, gockerfile)), 'changed\nkept\n2\nchanged\nkept\n2\n1\n2\n3\ngroup\nos-release\npasswd\n')
  })

  test('a step is known again as long as what it mounts is the same', async (t) => {
    const files = { '.dockerignore': 'other', a: 'A', other: 'O' }
    const context = contextOf(t, files)
    const gockerfile = `${FROM}RUN --mount=target=/in cat /in/a > /a\n`
    await built(t, gockerfile, { context })
    writeFileSync(join(context, 'other'), 'changed')
    assert.deepEqual(cached(await built(t, gockerfile, { context })), [true])
    writeFileSync(join(context, 'a'), 'changed')
    assert.deepEqual(cached(await built(t, gockerfile, { context })), [false])
  })

  test('no symlink leads out of the context or of a stage', async (t) => {
    const outside = temporaryDirectory(t)
    writeFileSync(join(outside, 'secret'), 'S')
    const context = contextOf(t, { 'd/a': '' })
    symlinkSync(outside, join(context, 'out'))
    for (const source of ['out', 'out/secret', '../../../../../../../../../../etc/passwd'])
      await assert.rejects(built(t, `${FROM}RUN --mount=source=${source},target=/x cat /x\n`, { context }), {
        code: 'NO_SOURCE',
        message: new RegExp(`Gockerfile:2:1: RUN: --mount: ${source.replaceAll('.', '\\.')} is not there`),
      })
    const stage = `${FROM.trim()} AS one\nRUN ln -s ${outside} /out\n${FROM}RUN --mount=from=one,source=/out,target=/x ls /x\n`
    await assert.rejects(built(t, stage), { code: 'NO_SOURCE' })
  })
})

describe('RUN --mount=type=cache', () => {
  test('is kept from build to build, also where the step runs again, and is in no layer', async (t) => {
    const gockerfile = `${FROM}ARG N\nRUN --mount=type=cache,target=/root/.cache,id=kept echo $N >> /root/.cache/log; cat /root/.cache/log\n`
    assert.equal(printed(await built(t, gockerfile, { buildArgs: { N: '1' } })), '1\n')
    const second = await built(t, gockerfile, { buildArgs: { N: '2' } })
    assert.equal(printed(second), '1\n2\n')
    assert.equal(second.image.config.history?.at(-1)?.empty_layer, true)
    const other = gockerfile.replace('id=kept,', '').replace('id=kept ', ' ')
    assert.equal(printed(await built(t, other.replace('/.cache,', '/.cache'), { buildArgs: { N: '3' } })), '3\n')
  })

  test('has the mode and owner that are asked for, and begins with what it is told to', async (t) => {
    const mine = '--mount=type=cache,target=/c,mode=0700,uid=1000,gid=50'
    const from = '--mount=type=cache,target=/d,from=one,source=/d'
    const gockerfile = `${FROM.trim()} AS one\nRUN mkdir -m 750 /d && echo 1 > /d/x && chown -R 5:6 /d\n${FROM}RUN ${mine} ${from} stat -c '%a %u:%g' /c /d /d/x; cat /d/x; echo 2 > /d/x\nRUN ${from} cat /d/x\n`
    const result = await built(t, gockerfile)
    assert.equal(printed(result), '700 1000:50\n750 5:6\n644 5:6\n1\n2\n')
  })

  test('read-only, and twice in one RUN', async (t) => {
    const mounts = ['target=/a', 'target=/b,ro'].map((rest) => `--mount=type=cache,id=twice,sharing=locked,${rest}`).join(' ')
    const { events } = await built(t, `${FROM}RUN ${mounts} echo 1 > /a/x; cat /b/x; touch /b/y 2>&1 || true\n`)
    assert.equal(printed({ events }), '1\ntouch: /b/y: Read-only file system\n')
  })

  for (const { sharing, said } of [
    { sharing: 'locked', said: /^(?:1 begins\n1 ends\n2 begins\n2 ends\n|2 begins\n2 ends\n1 begins\n1 ends\n)$/ },
    { sharing: 'shared', said: /^\d begins\n\d begins\n\d ends\n\d ends\n$/ },
  ])
    test(`two stages at once, ${sharing}`, async (t) => {
      const cache = `--mount=type=cache,target=/c,id=${sharing},sharing=${sharing}`
      // Whoever shares waits for the other, who is there as well; whoever locks gives another the time to come.
      const wait = sharing === 'shared' ? 'while [ $(ls /c/begun* | wc -l) != 2 ]; do sleep 0.01; done' : 'sleep 0.2'
      const stage = (n: number) =>
        `RUN ${cache} echo ${n} begins >> /c/log; touch /c/begun${n}; ${wait}; echo ${n} ends >> /c/log; touch /done\n`
      const gockerfile = `${FROM.trim()} AS a\n${stage(1)}${FROM.trim()} AS b\n${stage(2)}${FROM}COPY --from=a /done /a\nCOPY --from=b /done /b\nRUN ${cache} cat /c/log\n`
      assert.match(printed(await built(t, gockerfile)), said)
    })

  test('private: who comes second has one of his own', async (t) => {
    const cache = '--mount=type=cache,target=/c,id=mine,sharing=private'
    const meet = '--mount=type=cache,target=/meet,id=meet'
    const stage = (n: number) =>
      `RUN ${meet} ${cache} touch /meet/${n}; while [ $(ls /meet | wc -l) != 2 ]; do sleep 0.01; done; echo ${n} >> /c/log; cat /c/log; touch /done\n`
    const gockerfile = `${FROM.trim()} AS a\n${stage(1)}${FROM.trim()} AS b\n${stage(2)}${FROM}COPY --from=a /done /a\nCOPY --from=b /done /b\n`
    assert.deepEqual(
      printed(await built(t, gockerfile))
        .trim()
        .split('\n')
        .sort(),
      ['1', '2'],
    )
  })
})

test('RUN --mount=type=tmpfs: empty, of the size that was asked for, gone afterwards', async (t) => {
  const result = await built(
    t,
    `${FROM}RUN --mount=type=tmpfs,target=/tmp,size=1m ls /tmp; df -k /tmp | tail -1 | tr -s ' ' | cut -d' ' -f2; echo x > /tmp/x\nRUN cat /tmp/x 2>/dev/null || echo gone\n`,
  )
  assert.equal(printed(result), '1024\ngone\n')
  assert.equal(
    result.image.config.history?.every(({ empty_layer }, index) => index === 0 || empty_layer),
    true,
  )
})

describe('RUN --mount=type=secret', () => {
  const SECRET = 'correct horse battery staple'

  test('is a file in memory and a variable, and is found nowhere afterwards', async (t) => {
    const source = join(temporaryDirectory(t), 'file')
    writeFileSync(source, `${SECRET} file`)
    const show =
      "stat -c '%a %u:%g' /run/secrets/one /etc/two; wc -c < /run/secrets/one; grep -c file /etc/two; echo ${#TOKEN}; df -T /etc/two | tail -1 | tr -s ' ' | cut -d' ' -f2; touch /ran"
    const mounts =
      '--mount=type=secret,id=one --mount=type=secret,id=two,target=/etc/two,mode=0440,uid=5,gid=6 --mount=type=secret,id=token,env=TOKEN'
    const secrets = { one: { value: SECRET }, two: { file: source }, token: { value: `${SECRET} token` } }
    const result = await built(t, `${FROM}RUN ${mounts} ${show}; test ! -e /run/secrets/token\n`, { secrets })
    assert.equal(printed(result), `400 0:0\n440 5:6\n${SECRET.length}\n1\n${SECRET.length + 6}\ntmpfs\n`)
    assert.deepEqual(lastLayer(result), ['644 0:0 ran'])
    assert.doesNotMatch(JSON.stringify([result.image, result.events.filter(({ type }) => type !== 'done')]), new RegExp(SECRET))
    assert.equal(grep(store().paths.root, SECRET), '')
    assert.equal(grep(store().paths.run, SECRET), '')
  })

  test('another value of it does not run the step again', async (t) => {
    const gockerfile = `${FROM}RUN --mount=type=secret,id=changing cat /run/secrets/changing > /dev/null; touch /x\n`
    await built(t, gockerfile, { secrets: { changing: { value: '1' } } })
    assert.deepEqual(cached(await built(t, gockerfile, { secrets: { changing: { value: '2' } } })), [true])
  })

  test('one that is not given is not there, unless it is required', async (t) => {
    const optional = await built(
      t,
      `${FROM}RUN --mount=type=secret,id=none --mount=type=secret,id=none,env=NONE ls /run/secrets 2>&1 || echo "[$NONE]"\n`,
    )
    assert.match(printed(optional), /No such file.*\n\[\]\n/)
    await assert.rejects(built(t, `${FROM}RUN --mount=type=secret,id=none,required true\n`), {
      code: 'NO_SECRET',
      message: /Gockerfile:2:1: RUN: --mount: the secret none is required and not given/,
      hint: 'give it with --secret id=none,src=FILE',
    })
    await assert.rejects(built(t, `${FROM}RUN --mount=type=secret,id=gone true\n`, { secrets: { gone: { file: '/nowhere/secret' } } }), {
      message: /reading the secret gone: ENOENT at \/nowhere\/secret/,
    })
  })

  test('a command that fails does not tell it', async (t) => {
    const failing = built(t, `${FROM}RUN --mount=type=secret,id=one,env=TOKEN test -z "$TOKEN"\n`, { secrets: { one: { value: SECRET } } })
    await assert.rejects(failing, (error: Error) => {
      assert.match(error.message, /ended with code 1/)
      assert.doesNotMatch(`${error.message}${error.stack}${JSON.stringify(error)}`, new RegExp(SECRET))
      return true
    })
    assert.equal(grep(store().paths.root, SECRET), '')
  })
})

/** The files that have a text in them. */
function grep(directory: string, text: string): string {
  try {
    return execFileSync('grep', ['-rlF', '--', text, directory], { encoding: 'utf8' })
  } catch (error) {
    if ((error as { status?: number }).status === 1) return ''
    throw error
  }
}

test('RUN --mount=type=ssh: an agent is at SSH_AUTH_SOCK, and is in no layer', async (t) => {
  const path = join(temporaryDirectory(t), 'agent')
  const agent = createServer((socket) => socket.end('an agent\n')).listen(path)
  t.after(() => agent.close())
  const mounts = '--mount=type=ssh --mount=type=ssh,id=other,target=/run/other,uid=1000,mode=0666 --mount=type=ssh,id=none'
  const show = 'echo $SSH_AUTH_SOCK; stat -c "%a %u %F" $SSH_AUTH_SOCK /run/other; ls /run/buildkit; touch /ran'
  const result = await built(t, `${FROM}RUN ${mounts} ${show}\n`, { ssh: { default: path, other: path } })
  assert.equal(printed(result), '/run/buildkit/ssh_agent.0\n600 0 socket\n666 1000 socket\nssh_agent.0\n')
  assert.deepEqual(lastLayer(result), ['644 0:0 ran'])
  await assert.rejects(built(t, `${FROM}RUN --mount=type=ssh,required true\n`), { code: 'NO_SECRET', hint: 'give it with --ssh default' })
})

const MISTAKES: readonly [mount: string, said: RegExp][] = [
  ['type=bnd,target=/x', /type is bind, cache, tmpfs, secret or ssh, not bnd: did you mean bind\?/],
  ['tpye=bind,target=/x', /no option tpye: did you mean type\?/],
  ['target', /target needs a value: target=\.\.\./],
  ['target=/x,ro=perhaps', /ro is true or false, not perhaps/],
  ['target=/', /nothing can be mounted on \//],
  ['type=bind,target=/x,size=1m', /size is not for type bind/],
  ['type=cache,target=/x,sharing=alone', /sharing is shared, private or locked, not alone/],
  ['type=cache,target=/x,mode=rwx', /mode is octal digits, not rwx/],
  ['type=tmpfs,target=/x,size=lots', /lots/],
  ['type=secret', /a secret needs an id or a target/],
  ['type=secret,id=a,source=b', /id and source are the same/],
  ['type=ssh,source=a', /source is not for type ssh/],
]

for (const [mount, said] of MISTAKES)
  test(`RUN --mount=${mount} is refused`, async (t) => {
    await assert.rejects(built(t, `${FROM}RUN --mount=${mount} true\n`), (error: Error & { code: string }) => {
      assert.equal(error.code, 'SYNTAX')
      assert.match(error.message, /Gockerfile:2:1: RUN: --mount/)
      assert.match(error.message, said)
      return true
    })
  })

test('RUN --network and --security', async (t) => {
  const gockerfile = `${FROM}RUN --network=none ls /sys/class/net\nRUN --network=host ls /sys/class/net | wc -l\nRUN --network=default --security=sandbox ls /sys/class/net && true\n`
  const [none, , ...rest] = printed(await built(t, gockerfile))
    .trim()
    .split('\n')
  assert.deepEqual([none, rest], ['lo', ['lo']])
  await assert.rejects(built(t, `${FROM}RUN --network=bridge true\n`), { code: 'SYNTAX', message: /--network=bridge is neither/ })
  await assert.rejects(built(t, `${FROM}RUN --security=insecure true\n`), {
    code: 'UNSUPPORTED',
    message: /--security=insecure is not supported/,
  })
})

test('hosts that are added are known to RUN and are in no layer', async (t) => {
  const result = await built(t, `${FROM}RUN grep build-host /etc/hosts && touch /ran\n`, {
    addHosts: [{ name: 'build-host', address: '10.1.2.3' }],
  })
  assert.equal(printed(result), '10.1.2.3\tbuild-host\n')
  assert.deepEqual(lastLayer(result), ['644 0:0 ran'])
})

test('nothing is left of a mount when the command fails', async (t) => {
  const mounts = '--mount=target=/in,rw --mount=type=cache,target=/c,sharing=locked,id=failing --mount=type=secret,id=s'
  const gockerfile = `${FROM}RUN ${mounts} echo 1 >> /c/x; exit 3\n`
  for (let times = 0; times < 2; times++)
    await assert.rejects(built(t, gockerfile, { files: { a: '' }, secrets: { s: { value: 'x' } } }), {
      code: 'RUN_FAILED',
      message: /code 3/,
    })
  assert.deepEqual([readdirSync(store().paths.temporary), readdirSync(store().paths.containers)], [[], []])
})
