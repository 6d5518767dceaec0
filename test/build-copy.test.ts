import assert from 'node:assert/strict'
import { chmodSync, linkSync, lstatSync, mkdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { getXattr, setXattr } from '@gocker/kernel'
import { BASE, buildFixture, contextOf, listing } from './support/building.ts'

const { built } = buildFixture()

test('a layer may come twice', async (t) => {
  const steps = ['COPY f /f', 'RUN rm /f', 'COPY f /f', 'RUN test "$(cat /f)" = again']
  const { root, image } = await built(t, [`FROM ${BASE}`, ...steps].join('\n'), { files: { f: 'again' } })
  assert.equal(new Set(image.layers).size, image.layers.length - 1)
  assert.equal(statSync(join(root, 'f')).size, 5)
})
const FROM = `FROM ${BASE}\n`

describe('where COPY puts files', () => {
  test('a file becomes the destination, or goes into the directory that is there or that a slash says', async (t) => {
    const files = { a: 'A', b: 'B' }
    const { root } = await built(t, `${FROM}COPY a /new/name\nCOPY a /new/dir/\nCOPY a b /home\nCOPY a /home/alice\n`, { files })
    assert.deepEqual(listing(root, 'new'), ['755 0:0 new/dir/', '644 0:0 new/dir/a A', '644 0:0 new/name A'])
    assert.deepEqual(listing(root, 'home'), ['644 0:0 home/a A', '700 1000:1000 home/alice/', '644 0:0 home/alice/a A', '644 0:0 home/b B'])
  })

  test('a relative destination begins at WORKDIR', async (t) => {
    const gockerfile = `${FROM}WORKDIR /srv/app\nCOPY a .\nCOPY a ./sub/\nCOPY a ../b\nCOPY ["a", "c d"]\nENV X=e\nCOPY a $X\n`
    const { root } = await built(t, gockerfile, {
      files: { a: 'A' },
    })
    const names = ['srv/app/', 'srv/app/a A', 'srv/app/c d A', 'srv/app/e A', 'srv/app/sub/', 'srv/app/sub/a A', 'srv/b A']
    assert.deepEqual(
      listing(root, 'srv').map((line) => line.replace(/^\d+ 0:0 /, '')),
      names,
    )
  })

  test('of a directory its content is copied, over what is there', async (t) => {
    const files = { 'd/sub/x': 'new', 'd/y': 'Y', 'd/sub/': { mode: 0o750 }, 'e/sub/x': 'newer' }
    const { root } = await built(t, `${FROM}COPY d /t\nCOPY d e /u/\nCOPY e/ /t\n`, { files })
    assert.deepEqual(listing(root, 't'), ['755 0:0 t/sub/', '644 0:0 t/sub/x newer', '644 0:0 t/y Y'])
    assert.deepEqual(listing(root, 'u'), ['755 0:0 u/sub/', '644 0:0 u/sub/x newer', '644 0:0 u/y Y'])
  })

  test('several files need a directory', async (t) => {
    await assert.rejects(built(t, `${FROM}COPY a b /x\n`, { files: { a: '', b: '' } }), {
      code: 'STEP_FAILED',
      message: /Gockerfile:2:1: COPY: several files cannot all become \/x: write \/x\/$/,
    })
  })

  test('a directory does not give way to a file, nor a file to a directory', async (t) => {
    await assert.rejects(built(t, `${FROM}COPY d /\n`, { files: { 'd/etc': 'x' } }), {
      message: /copying d\/etc to \/etc: \/etc is there, and is a directory/,
    })
    await assert.rejects(built(t, `${FROM}COPY d /\n`, { files: { 'd/etc/passwd/x': 'x' } }), {
      message: /copying d\/etc\/passwd to \/etc\/passwd: \/etc\/passwd is there, and is no directory/,
    })
    await assert.rejects(built(t, `${FROM}COPY a /etc/passwd/\n`, { files: { a: '' } }), {
      message: /\/etc\/passwd is there, and is no directory/,
    })
  })

  test('what is not there is an error, but a pattern may name nothing', async (t) => {
    await assert.rejects(built(t, `${FROM}\n  COPY nothing /x\n`), {
      code: 'NO_SOURCE',
      message: /Gockerfile:3:3: COPY: nothing is not there/,
    })
    const { root, image } = await built(t, `${FROM}COPY a* noth?ng /x/\nCOPY none* /y/\n`, { files: { a1: '1', a2: '2' } })
    assert.deepEqual(listing(root, 'x'), ['644 0:0 x/a1 1', '644 0:0 x/a2 2'])
    assert.equal(image.config.history?.at(-1)?.empty_layer, true)
  })

  test('what the ignore file leaves out is not there', async (t) => {
    const files = { '.dockerignore': '*\n!keep\nkeep/*.tmp\n', 'keep/a': 'A', 'keep/b.tmp': '', other: '' }
    const { root } = await built(t, `${FROM}COPY . /x\n`, { files })
    assert.deepEqual(listing(root, 'x'), ['755 0:0 x/keep/', '644 0:0 x/keep/a A'])
    await assert.rejects(built(t, `${FROM}COPY other /x\n`, { files }), { code: 'NO_SOURCE', hint: /ignore file/ })
  })
})

describe('what COPY makes of files', () => {
  test('mode, time, links, holes and attributes are kept', async (t) => {
    const context = contextOf(t, { 'd/suid': { mode: 0o4755 }, 'd/closed/': { mode: 0o711 }, 'd/one': 'linked' })
    linkSync(join(context, 'd/one'), join(context, 'd/two'))
    symlinkSync('/nowhere/at all', join(context, 'd/dangling'))
    writeFileSync(join(context, 'd/sparse'), 'begin')
    truncateSync(join(context, 'd/sparse'), 64 << 20)
    setXattr(join(context, 'd/one'), 'user.note', Buffer.from('hello'))
    chmodSync(join(context, 'd/suid'), 0o4755)
    utimesSync(join(context, 'd/one'), 1_000_000_000.5, 1_000_000_000.5)
    const { root } = await built(t, `${FROM}COPY d /t\n`, { context })
    assert.equal(lstatSync(join(root, 't/suid')).mode & 0o7777, 0o4755)
    assert.equal(lstatSync(join(root, 't/closed')).mode & 0o7777, 0o711)
    assert.equal(lstatSync(join(root, 't/one')).mtimeMs, 1_000_000_000_500)
    assert.equal(lstatSync(join(root, 't/one')).ino, lstatSync(join(root, 't/two')).ino)
    assert.equal(getXattr(join(root, 't/one'), 'user.note')?.toString(), 'hello')
    const { size, blocks } = statSync(join(root, 't/sparse'))
    assert.deepEqual([size, blocks * 512 < 1 << 20], [64 << 20, true])
    assert.ok(listing(root, 't').includes('t/dangling -> /nowhere/at all'))
  })

  test('--chown takes numbers, and names of the stage; also for directories that are made', async (t) => {
    const files = { a: 'A', 'd/b': 'B' }
    const gockerfile = `${FROM}ARG WHO=bob
COPY --chown=alice a /1/a
COPY --chown=$WHO a /2
COPY --chown=1234 a /3
COPY --chown=1:staff d /4
COPY --chown=:wheel a /5
`
    const { root } = await built(t, gockerfile, { files })
    const owners = ['1', '1/a', '2', '3', '4', '4/b', '5'].map((path) => {
      const { uid, gid } = lstatSync(join(root, path))
      return `${path} ${uid}:${gid}`
    })
    assert.deepEqual(owners, ['1 1000:1000', '1/a 1000:1000', '2 1001:100', '3 1234:1234', '4 1:50', '4/b 1:50', '5 0:10'])
    await assert.rejects(built(t, `${FROM}COPY --chown=carol a /x\n`, { files }), {
      code: 'SYNTAX',
      message: /Gockerfile:2:1: COPY: --chown=carol: no user "carol" in \/etc\/passwd/,
    })
  })

  test('--chmod takes octal digits and the words of chmod', async (t) => {
    const files = { a: { mode: 0o640 }, 'd/run': { mode: 0o700 }, 'd/text': { mode: 0o600 }, 'd/': { mode: 0o700 } }
    const gockerfile = `${FROM}COPY --chmod=4750 a /1\nCOPY --chmod=u=rwX,go=rX d /2\nCOPY --chmod=700 d /3\nCOPY --chmod=g+w,o=u <<EOF /4\nEOF\n`
    const { root } = await built(t, gockerfile, { files })
    const modes = ['1', '2', '2/run', '2/text', '3', '3/text', '4'].map(
      (path) => `${path} ${(lstatSync(join(root, path)).mode & 0o7777).toString(8)}`,
    )
    assert.deepEqual(modes, ['1 4750', '2 755', '2/run 755', '2/text 644', '3 700', '3/text 700', '4 666'])
    await assert.rejects(built(t, `${FROM}COPY --chmod=999 a /x\n`, { files }), { message: /--chmod=999: not a mode/ })
  })

  test('heredocs become files', async (t) => {
    const gockerfile = `${FROM}ENV WHO=world
COPY <<hello.txt <<"raw.txt" /greetings/
Hello "$WHO" \\$
hello.txt
Hello $WHO
raw.txt
COPY --chown=alice --chmod=600 <<-EOF /etc/tabbed
\tone
\t\ttwo
\tEOF
`
    const { root } = await built(t, gockerfile)
    assert.deepEqual(listing(root, 'greetings'), ['644 0:0 greetings/hello.txt Hello "world" $', '644 0:0 greetings/raw.txt Hello $WHO'])
    assert.ok(listing(root, 'etc').includes('600 1000:1000 etc/tabbed one\ntwo'))
  })
})

describe('COPY --parents and --exclude', () => {
  const files = { 'x/a.txt': 'a', 'x/y/b.txt': 'b', 'x/y/c.md': 'c', 'x/': { mode: 0o750 }, 'z/d.txt': 'd' }

  test('the directories above are kept, from /./ on', async (t) => {
    const gockerfile = `${FROM}COPY --parents x/a.txt z/d.txt /1/\nCOPY --parents x/./y/*.txt /2/\nCOPY --parents **/*.txt /3/\nCOPY --parents x /4/\nCOPY --parents none/*/x /5/\n`
    const { root } = await built(t, gockerfile, { files })
    assert.deepEqual(listing(root, '1'), ['750 0:0 1/x/', '644 0:0 1/x/a.txt a', '755 0:0 1/z/', '644 0:0 1/z/d.txt d'])
    assert.deepEqual(listing(root, '2'), ['755 0:0 2/y/', '644 0:0 2/y/b.txt b'])
    assert.deepEqual(
      listing(root, '3').map((line) => line.split(' ')[2]),
      ['3/x/', '3/x/a.txt', '3/x/y/', '3/x/y/b.txt', '3/z/', '3/z/d.txt'],
    )
    assert.equal(listing(root, '4').length, 5)
    await assert.rejects(built(t, `${FROM}COPY --parents x/none /1/\n`, { files }), { code: 'NO_SOURCE' })
  })

  test('what is excluded is not copied', async (t) => {
    const gockerfile = `${FROM}COPY --exclude=**/*.txt --exclude=z . /1\nCOPY --exclude=y x /2\nCOPY --exclude=*.md x/y/* /3/\nCOPY --parents --exclude=**/c.* x /4/\n`
    const { root } = await built(t, gockerfile, { files })
    const names = (below: string) => listing(root, below).map((line) => line.split(' ')[2])
    assert.deepEqual(names('1'), ['1/x/', '1/x/y/', '1/x/y/c.md'])
    assert.deepEqual(names('2'), ['2/a.txt'])
    assert.deepEqual(names('3'), ['3/b.txt'])
    assert.deepEqual(names('4'), ['4/x/', '4/x/a.txt', '4/x/y/', '4/x/y/b.txt'])
  })
})

describe('COPY --from', () => {
  test('a stage by name and by number, and an image; owners are kept', async (t) => {
    const gockerfile = `FROM scratch AS First
COPY --chown=7:8 a /dir/a
FROM ${BASE}
COPY --from=first /dir /1
COPY --from=0 /dir/a /2
COPY --from=FIRST --chown=alice /dir/* /3/
COPY --from=${BASE} /etc/pass* /home/alice /4/
`
    const { root } = await built(t, gockerfile, { files: { a: 'A' } })
    assert.deepEqual(listing(root, '1'), ['644 7:8 1/a A'])
    assert.deepEqual([lstatSync(join(root, '2')).uid, lstatSync(join(root, '3/a')).uid], [7, 1000])
    assert.deepEqual(lstatSync(join(root, '4/passwd')).size, lstatSync(join(root, 'etc/passwd')).size)
  })

  test('what a later layer of the stage has removed or replaced is not there', async (t) => {
    const gockerfile = `FROM ${BASE} AS one
COPY d /d
RUN rm -r /d/gone && rm /d/file && mkdir /d/file && echo x >/d/file/x && ln -s ../d/file/x /d/link
FROM scratch
COPY --from=one /d /d
COPY --from=one /d/link /followed
`
    const { root } = await built(t, gockerfile, { files: { 'd/gone/a': 'A', 'd/file': 'F', 'd/stays': 'S' } })
    assert.deepEqual(listing(root, 'd'), ['755 0:0 d/file/', '644 0:0 d/file/x x', 'd/link -> ../d/file/x', '644 0:0 d/stays S'])
    assert.equal(lstatSync(join(root, 'followed')).isFile(), true)
  })

  test('a stage that is not above is an error', async (t) => {
    await assert.rejects(built(t, `FROM scratch\nCOPY --from=3 /a /b\n`), {
      code: 'UNKNOWN_STAGE',
      message: /Gockerfile:2:1: COPY: --from=3: there is no such stage above/,
    })
    await assert.rejects(built(t, `FROM scratch AS one\nCOPY --from=two /a /b\nFROM scratch AS two\n`, { target: 'one' }), {
      code: 'UNKNOWN_STAGE',
      message: /--from=two: the stage stands below/,
    })
  })
})

describe('COPY --link', () => {
  const files = { a: 'A' }

  test('sees nothing of the stage: a symlink there becomes a directory, and the layer is the same on other bases', async (t) => {
    const gockerfile = (before: string) => `${FROM}${before}\nRUN ln -s /etc /link\nCOPY --link --chown=alice a /link/sub/\n`
    const [one, two] = [await built(t, gockerfile('ENV x=1'), { files }), await built(t, gockerfile('RUN echo x >/x'), { files })]
    assert.equal(lstatSync(join(one.root, 'link')).isDirectory(), true)
    assert.deepEqual(listing(one.root, 'link'), ['755 1000:1000 link/sub/', '644 1000:1000 link/sub/a A'])
    assert.equal(one.image.layers.at(-1), two.image.layers.at(-1))
    assert.ok(two.events.some((event) => event.type === 'step-done' && event.cached && event.step.text.startsWith('COPY')))
  })

  test('hides nothing of the directories that it shares', async (t) => {
    const { root } = await built(t, `${FROM}COPY --link a /etc/new/\n`, { files })
    assert.deepEqual(
      ['passwd', 'group', 'new/a'].map((name) => lstatSync(join(root, 'etc', name)).isFile()),
      [true, true, true],
    )
    assert.equal(lstatSync(root).mode & 0o7777, 0o755)
  })
})

describe('COPY stays in the context and in the stage', () => {
  test('symlinks of the stage are followed within it', async (t) => {
    const gockerfile = `${FROM}RUN ln -s /new/target /out && ln -s ../../../../etc/motd /motd && ln -s / /home/up
COPY a /out/
COPY a /motd
COPY a /home/up/../tmp/
COPY d /
`
    const context = contextOf(t, { a: 'A', 'd/home/up/in-root': 'R' })
    const { root } = await built(t, gockerfile, { context })
    assert.deepEqual(listing(root, 'new'), ['755 0:0 new/target/', '644 0:0 new/target/a A'])
    assert.ok(listing(root, 'etc').includes('644 0:0 etc/motd A'))
    assert.equal(lstatSync(join(root, 'in-root')).isFile(), true)
    assert.equal(lstatSync(join(root, 'tmp/a'), { throwIfNoEntry: false }) ?? lstatSync(join(root, 'home/tmp/a')) !== undefined, true)
  })

  test('symlinks of the context are followed within it', async (t) => {
    const context = contextOf(t, { 'd/inside': 'I' })
    symlinkSync('/etc/passwd', join(context, 'absolute'))
    symlinkSync('../../../../etc/passwd', join(context, 'd/climbing'))
    symlinkSync('/d/inside', join(context, 'rooted'))
    mkdirSync(join(context, 'etc'))
    await assert.rejects(built(t, `${FROM}COPY absolute /x\n`, { context }), { code: 'NO_SOURCE' })
    await assert.rejects(built(t, `${FROM}COPY d/climbing /x\n`, { context }), { code: 'NO_SOURCE' })
    await assert.rejects(built(t, `${FROM}COPY ../../../etc/hostname /x\n`, { context }), { code: 'NO_SOURCE' })
    const { root } = await built(t, `${FROM}COPY rooted /x/\nCOPY d /y\n`, { context })
    assert.deepEqual(listing(root, 'x'), ['644 0:0 x/rooted I'])
    assert.ok(listing(root, 'y').includes('y/climbing -> ../../../../etc/passwd'))
  })
})

describe('the cache of COPY', () => {
  test('knows a copy by content, mode and names, not by time', async (t) => {
    const gockerfile = `${FROM}COPY d /cached\n`
    const context = contextOf(t, { 'd/a': 'A' })
    const copied = async () => {
      const { events } = await built(t, gockerfile, { context })
      return events.some((event) => event.type === 'step-done' && !event.cached)
    }
    assert.equal(await copied(), true)
    utimesSync(join(context, 'd/a'), 1, 1)
    assert.equal(await copied(), false)
    chmodSync(join(context, 'd/a'), 0o600)
    assert.equal(await copied(), true)
    writeFileSync(join(context, 'd/a'), 'B')
    assert.equal(await copied(), true)
    symlinkSync('a', join(context, 'd/b'))
    assert.equal(await copied(), true)
  })
})
