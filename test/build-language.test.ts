import assert from 'node:assert/strict'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { hostPlatform } from '@gocker/oci'
import { BASE, buildFixture } from './support/building.ts'

const { built } = buildFixture()
const FROM = `FROM ${BASE}\n`

describe('what an image is configured by', () => {
  test('ENV, LABEL, EXPOSE, VOLUME, USER, STOPSIGNAL, HEALTHCHECK, MAINTAINER', async (t) => {
    const gockerfile = `${FROM}ARG PORTS="8000-8001/udp 9000"
ENV A=1 B="two words" PATH=/opt:$PATH
ENV C=$A$B D old
ENV old  form  "quoted"
LABEL a=$A "with blank"='$A' a=last
EXPOSE 80 127.0.0.1:8080:81/TCP $PORTS
VOLUME /data $B
VOLUME ["/json", "/with blank"]
USER $A:users
STOPSIGNAL SIG\${X:-QUIT}
HEALTHCHECK --interval=1m --retries=2 CMD test -f $A
MAINTAINER Ada  $A
`
    const { config, image } = await built(t, gockerfile.replace(' D old', ' D=old'))
    assert.deepEqual(config.Env, ['PATH=/opt:/bin', 'A=1', 'B=two words', 'C=1two words', 'D=old', 'old=form  quoted'])
    assert.deepEqual(config.Labels, { a: 'last', 'with blank': '$A' })
    assert.deepEqual(Object.keys(config.ExposedPorts ?? {}).sort(), ['80/tcp', '8000/udp', '8001/udp', '81/tcp', '9000/tcp'])
    assert.deepEqual(Object.keys(config.Volumes ?? {}), ['/data', 'two words', '/json', '/with blank'])
    assert.deepEqual([config.User, config.StopSignal], ['1:users', 'SIGQUIT'])
    assert.deepEqual(config.Healthcheck, { Test: ['CMD-SHELL', 'test -f $A'], Interval: 60_000_000_000, Retries: 2 })
    assert.equal(image.config.author, 'Ada  $A')
  })

  test('CMD and ENTRYPOINT in both forms, with the stage’s shell', async (t) => {
    assert.deepEqual((await built(t, FROM)).config.Cmd, ['sh'])
    const own = await built(t, `${FROM}SHELL ["/bin/sh", "-ec"]\nCMD run $HOME\nENTRYPOINT ["/bin/env", "$HOME"]\n`)
    assert.deepEqual(
      [own.config.Cmd, own.config.Entrypoint, own.config.Shell],
      [
        ['/bin/sh', '-ec', 'run $HOME'],
        ['/bin/env', '$HOME'],
        ['/bin/sh', '-ec'],
      ],
    )
    const based = await built(t, `${FROM}ENTRYPOINT exec x\n`)
    assert.deepEqual([based.config.Cmd, based.config.Entrypoint], [undefined, ['/bin/sh', '-c', 'exec x']])
    const without = await built(t, `FROM ${BASE} AS one\nENTRYPOINT ["x"]\nCMD ["y"]\nFROM one\nENTRYPOINT []\nCMD []\n`)
    assert.deepEqual([without.config.Entrypoint, without.config.Cmd], [undefined, []])
  })

  test('each step is in the history', async (t) => {
    const { image } = await built(t, `${FROM}ENV A=1\nCMD ["a", "b"]\nEXPOSE 80\nVOLUME /x /y\nCOPY a /\nONBUILD RUN x\n`, {
      files: { a: '' },
    })
    const lines = image.config.history?.slice(1).map(({ created_by, empty_layer }) => `${empty_layer === true ? '-' : '+'} ${created_by}`)
    assert.deepEqual(lines, ['- ENV A=1', '- CMD ["a" "b"]', '- EXPOSE [80/tcp]', '- VOLUME [/x /y]', '+ COPY a /'])
  })

  test('what is wrong is said with its place', async (t) => {
    const table: Readonly<Record<string, RegExp>> = {
      'EXPOSE 70000': /Gockerfile:2:1: EXPOSE: "70000" is no port$/,
      'EXPOSE 80/http': /EXPOSE: "80\/http" is no port$/,
      'STOPSIGNAL SIGNOTHING': /STOPSIGNAL: "SIGNOTHING" is no signal$/,
      'VOLUME $NOTHING': /VOLUME: a path must not be empty$/,
      'WORKDIR ${X?say where}': /WORKDIR: X: say where$/,
      '  USER ${': /Gockerfile:2:3: USER: expanding "\$\{": .*names no variable/,
      'COPY "a b" /c': /COPY: expanding "\\"a": the double quote/,
    }
    for (const [line, message] of Object.entries(table))
      await assert.rejects(built(t, `${FROM}${line}\n`), { code: 'SYNTAX', message }, line)
  })
})

describe('ARG', () => {
  test('has a value from the build, else its default, else what was said before the first FROM', async (t) => {
    const gockerfile = `ARG GLOBAL=global
ARG OTHER=$GLOBAL-too
FROM ${BASE}
ARG GLOBAL
ARG OTHER=own
ARG GIVEN=no UNSET CHAINED=\${GIVEN}-\${GLOBAL}
ARG REFUSED=\${X?}
LABEL v="$GLOBAL|$OTHER|$GIVEN|$UNSET|$CHAINED|$REFUSED"
`
    const { config } = await built(t, gockerfile, { buildArgs: { GIVEN: 'yes', REFUSED: 'not read' } })
    assert.equal(config.Labels?.v, 'global|own|yes||yes-global|not read')
  })

  test('is known from its line on, in its stage alone', async (t) => {
    const gockerfile = `ARG ALL=x\nFROM ${BASE} AS one\nARG MINE=1\nFROM ${BASE}\nLABEL before="$LATER" all="$ALL" theirs="$MINE"\nARG LATER=2\nLABEL after="$LATER"\n`
    const { config } = await built(t, gockerfile)
    assert.deepEqual(config.Labels, { before: '', all: '', theirs: '', after: '2' })
  })

  test('reaches RUN, and not the image', async (t) => {
    const { config, root } = await built(t, `${FROM}ARG A=arg B=arg\nENV B=env\nRUN echo "$A $B $HTTP_PROXY" >/x\n`, {
      buildArgs: { HTTP_PROXY: 'http://proxy' },
    })
    assert.equal(readFileSync(join(root, 'x'), 'utf8'), 'arg env http://proxy\n')
    assert.deepEqual(config.Env, ['PATH=/bin', 'B=env'])
  })

  test('goes over an ENV before it, and an ENV over an ARG, whichever comes last; the image has the ENV', async (t) => {
    const gockerfile = `FROM ${BASE} AS one
ENV A=env B=env
ARG A=arg
ARG B
LABEL a=$A b=$B
RUN echo "$A $B" >/x
ENV A=again
RUN echo "$A" >>/x
FROM one
LABEL next=$A
`
    const { config, root, image } = await built(t, gockerfile)
    assert.equal(readFileSync(join(root, 'x'), 'utf8'), 'arg env\nagain\n')
    assert.deepEqual(config.Labels, { a: 'arg', b: 'env', next: 'again' })
    assert.deepEqual(config.Env, ['PATH=/bin', 'A=again', 'B=env'])
    const runs = image.config.history?.flatMap(({ created_by = '' }) => /^RUN (\|.*) \/bin\/sh/.exec(created_by)?.[1] ?? [])
    assert.deepEqual(runs, ['|2 A=arg B=env', '|2 A=again B=env'])
  })

  test('TARGETSTAGE is the stage that is asked for, else the name of the last, else default', async (t) => {
    const stage = (name: string) => `FROM ${BASE}${name}\nARG TARGETSTAGE\nLABEL stage=$TARGETSTAGE\n`
    const stageOf = async (gockerfile: string, target?: string) =>
      (await built(t, gockerfile, target === undefined ? {} : { target })).config.Labels?.stage
    assert.equal(await stageOf(stage('')), 'default')
    assert.equal(await stageOf(stage(' AS first') + stage(' AS last')), 'last')
    assert.equal(await stageOf(stage(' AS first') + stage(' AS last'), 'first'), 'first')
    assert.equal(await stageOf(stage(' AS first') + stage(''), '0'), '0')
  })

  test('the platforms are there to be asked for', async (t) => {
    const gockerfile = `${FROM}ARG TARGETPLATFORM TARGETOS TARGETARCH BUILDPLATFORM TARGETVARIANT\nLABEL v="$TARGETPLATFORM $TARGETOS $TARGETARCH $BUILDPLATFORM"\n`
    const { config } = await built(t, gockerfile)
    const { os, architecture } = hostPlatform()
    assert.equal(config.Labels?.v, `${os}/${architecture} ${os} ${architecture} ${os}/${architecture}`)
  })

  test('an error before the first FROM has its place', async (t) => {
    await assert.rejects(built(t, `ARG A=1\nARG B=\${A:x}\n${FROM}`), { code: 'SYNTAX', message: /Gockerfile:2:1: ARG: expanding/ })
  })
})

describe('WORKDIR', () => {
  test('is made where it is missing, for USER, and goes on from itself', async (t) => {
    const gockerfile = `${FROM}WORKDIR /a/b\nWORKDIR c\nWORKDIR ../d\nUSER alice\nWORKDIR /own/x\nUSER nobody-yet\nWORKDIR /e\nWORKDIR /etc\nENV P=f\nWORKDIR /$P\n`
    const { root, config, image } = await built(t, gockerfile)
    const owners = ['a/b/c', 'a/b/d', 'own', 'own/x', 'e', 'f'].map((path) => `${path} ${lstatSync(join(root, path)).uid}`)
    assert.deepEqual(owners, ['a/b/c 0', 'a/b/d 0', 'own 1000', 'own/x 1000', 'e 0', 'f 0'])
    assert.equal(config.WorkingDir, '/f')
    assert.deepEqual(
      image.config.history?.filter(({ created_by }) => created_by === 'WORKDIR /etc').map(({ empty_layer }) => empty_layer),
      [true],
    )
  })
})

describe('RUN', () => {
  test('takes heredocs as scripts, as programs and as input', async (t) => {
    const gockerfile = `${FROM}RUN <<EOF
echo $((1 + 1)) >/script
  echo "$PATH" >>/script
EOF
RUN <<PROGRAM
#!/bin/cat
shown
PROGRAM
RUN { cat; cat <&3; } <<A 3<<-'B' >/input
$PATH
A
\tnot $PATH
B
RUN ["/bin/sh", "-c", "echo $0 <<X >/exec", "name"]
`
    const { root, events } = await built(t, gockerfile)
    assert.equal(readFileSync(join(root, 'script'), 'utf8'), '2\n/bin\n')
    assert.equal(readFileSync(join(root, 'input'), 'utf8'), '/bin\nnot $PATH\n')
    assert.equal(readFileSync(join(root, 'exec'), 'utf8'), 'name\n')
    const output = events.map((event) => (event.type === 'step-output' ? Buffer.from(event.chunk).toString() : '')).join('')
    assert.equal(output, '#!/bin/cat\nshown\n')
  })

  test('is read by the shell that SHELL names', async (t) => {
    const { root } = await built(t, `${FROM}SHELL ["/bin/sh", "-c", "echo shell: $1 >/x; exec sh -c \\"$1\\"", "sh"]\nRUN echo hi >/y\n`)
    assert.deepEqual([readFileSync(join(root, 'x'), 'utf8'), readFileSync(join(root, 'y'), 'utf8')], ['shell: echo hi >/y\n', 'hi\n'])
  })
})

describe('ONBUILD', () => {
  test('is carried out in the next build alone, heredocs too', async (t) => {
    const first = await built(
      t,
      `${FROM}ONBUILD COPY <<EOF /later\nwritten $A\nEOF\nONBUILD RUN echo ran >/ran\nONBUILD LABEL from=trigger\n`,
      { tags: ['onbuild-test'] },
    )
    assert.deepEqual(first.config.OnBuild, ['COPY <<EOF /later\nwritten $A\nEOF', 'RUN echo ran >/ran', 'LABEL from=trigger'])
    assert.equal(lstatSync(join(first.root, 'later'), { throwIfNoEntry: false }), undefined)
    const second = await built(t, 'FROM onbuild-test\n')
    assert.deepEqual([second.config.OnBuild, second.config.Labels], [undefined, { from: 'trigger' }])
    assert.deepEqual(
      [readFileSync(join(second.root, 'later'), 'utf8'), readFileSync(join(second.root, 'ran'), 'utf8')],
      ['written \n', 'ran\n'],
    )
  })
})

describe('triggers of a base image', () => {
  test('may need stages that nobody else needs', async (t) => {
    await built(t, `${FROM}ONBUILD COPY --from=assets /a /a\nONBUILD RUN --mount=from=1,target=/m cat /m/b >/b\n`, {
      tags: ['needs-stages'],
    })
    const stages = (first: string) => `FROM ${BASE} AS ${first}\nRUN echo A >/a\nFROM ${BASE}\nRUN echo B >/b\n`
    const { root } = await built(t, `${stages('assets')}FROM needs-stages\n`)
    assert.deepEqual([readFileSync(join(root, 'a'), 'utf8'), readFileSync(join(root, 'b'), 'utf8')], ['A\n', 'B\n'])
    await assert.rejects(built(t, `${stages('other')}FROM needs-stages AS x\nFROM ${BASE} AS assets\nFROM x\n`), {
      code: 'UNKNOWN_STAGE',
      message: /COPY: --from=assets: the stage stands below/,
    })
  })
})

describe('what comes to nothing', () => {
  test('is refused of a platform and of an owner', async (t) => {
    await assert.rejects(built(t, `FROM --platform=$NOTHING ${BASE}\n`), {
      code: 'SYNTAX',
      message: /Gockerfile:1:1: FROM: --platform=\$NOTHING comes to nothing/,
    })
    const files = { a: '' }
    await assert.rejects(built(t, `${FROM}COPY --chown=$U:$G a /\n`, { files }), {
      code: 'SYNTAX',
      message: /Gockerfile:2:1: COPY: --chown=:: it names neither a user nor a group/,
    })
    const { root } = await built(t, `${FROM}COPY --chown=$U a /\n`, { files })
    assert.equal(lstatSync(join(root, 'a')).uid, 0)
  })

  test('and a name with a digest is refused before anything is built', async (t) => {
    const tag = `x@sha256:${'0'.repeat(64)}`
    await assert.rejects(built(t, `${FROM}RUN false\n`, { tags: [tag] }), {
      code: 'INVALID_OPTION',
      message: `naming the image ${tag}: a digest is what a build comes to, and cannot be given`,
    })
  })
})

describe('stages', () => {
  test('go on from one another, and only what is needed is built', async (t) => {
    const gockerfile = `ARG BASE_IMAGE=${BASE}
FROM $BASE_IMAGE AS one
ENV A=1
FROM one AS broken
RUN false
FROM One
LABEL a=$A
FROM scratch AS none
COPY a /
`
    const options = { files: { a: '' } }
    const { config, image } = await built(t, gockerfile, { ...options, target: 'none' })
    assert.deepEqual([config.Env?.length, image.layers.length], [1, 1])
    const { config: third } = await built(t, gockerfile, { ...options, target: '2' })
    assert.deepEqual([third.Labels, third.Env], [{ a: '1' }, ['PATH=/bin', 'A=1']])
    await assert.rejects(built(t, gockerfile, { ...options, target: 'nnoe' }), { code: 'UNKNOWN_STAGE', hint: 'did you mean none?' })
    await assert.rejects(built(t, 'FROM $NOTHING\n'), { code: 'SYNTAX', message: /Gockerfile:1:1: FROM: \$NOTHING comes to nothing/ })
  })
})
