import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pruneCache } from '@gocker/build'
import { gocker, startGocker } from '@gocker/testkit'
import { BASE, type Built, buildFixture, contextOf } from './support/building.ts'
import { failedWith, succeeded } from './support/pulling.ts'

const { built, store, root } = buildFixture()
const FROM = `FROM ${BASE}\n`

function cached({ events }: Pick<Built, 'events'>): boolean[] {
  return events.flatMap((event) => (event.type === 'step-done' ? [event.cached] : []))
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10)
}

/** Lets everything that is kept seem to have been used some hours ago. */
function age(hours: number): void {
  const then = Date.now() / 1000 - hours * 3600
  for (const directory of [store().paths.buildCaches, store().paths.cacheMounts])
    if (existsSync(directory)) for (const name of readdirSync(directory)) utimesSync(join(directory, name), then, then)
}

async function emptied(t: TestContext): Promise<void> {
  const prune = async () => {
    for (const { id } of await store().images.list()) {
      const image = await store().images.get(id)
      if (!image.references.some((name) => name.includes('busybox-of-tests'))) await store().images.remove(id, { force: true })
    }
    await pruneCache({ store: store(), all: true })
  }
  await prune()
  t.after(prune)
}

test('a build that is killed loses the step in flight alone', async (t) => {
  const context = contextOf(t, {
    Gockerfile: `${FROM}RUN echo 1 > /1\nRUN echo 2 > /2\nRUN --mount=target=/meeting test -e /meeting/go || sleep 1000\nRUN echo 4 > /4\n`,
  })
  const building = startGocker(['build', '--network', 'none', '--progress', 'json', context], { root })
  let said = ''
  building.child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await until(() => /"step-started","step":\{"id":"0.3"/.test(said))
  building.child.kill('SIGKILL')
  await building.result
  writeFileSync(join(context, 'go'), '')
  const { events } = await built(
    t,
    `${FROM}RUN echo 1 > /1\nRUN echo 2 > /2\nRUN --mount=target=/meeting test -e /meeting/go || sleep 1000\nRUN echo 4 > /4\n`,
    { context },
  )
  assert.deepEqual(cached({ events }), [true, true, false, false])
})

test('two builds of the same at once make each step once, and the same image', async (t) => {
  const gockerfile = `${FROM}RUN cat /proc/sys/kernel/random/uuid > /one; sleep 0.3\nCOPY a /a\nRUN cat /proc/sys/kernel/random/uuid > /two\n`
  const context = contextOf(t, { a: 'A' })
  const before = stepLocks()
  const [first, second] = await Promise.all([built(t, gockerfile, { context }), built(t, gockerfile, { context })])
  assert.equal(second?.image.id, first?.image.id)
  const both = [cached(first as Built), cached(second as Built)]
  assert.deepEqual(
    [0, 1, 2].map((step) => both.filter((steps) => steps[step] === false).length),
    [1, 1, 1],
  )
  assert.deepEqual(stepLocks(), before)
})

/** Those of builds that were killed stay until the next prune. */
function stepLocks(): string[] {
  return readdirSync(store().paths.locks).filter((name) => name.startsWith('step-'))
}

test('two stages of one build that do the same do it once', async (t) => {
  const twice = ['a', 'b'].map((name) => `${FROM.trim()} AS ${name}\nRUN cat /proc/sys/kernel/random/uuid > /same; sleep 0.2\n`).join('')
  const { events } = await built(t, `${twice}${FROM}COPY --from=a /same /a\nCOPY --from=b /same /b\nRUN cmp /a /b\n`)
  assert.equal(cached({ events }).filter((known) => known).length, 1)
})

test('who waits for a step that another makes can be interrupted, and takes over when the other fails', async (t) => {
  const meet = '--mount=type=cache,target=/meet,id=meet-waiting'
  const gockerfile = `${FROM}RUN ${meet} echo x >> /meet/begun; while [ ! -e /meet/go ]; do sleep 0.01; done; test $(wc -l < /meet/begun) = 2\n`
  const stop = new AbortController()
  const failing = assert.rejects(built(t, gockerfile), { code: 'RUN_FAILED' })
  await until(() => isInCache('begun'))
  const interrupted = assert.rejects(built(t, gockerfile, { signal: stop.signal }), { name: 'AbortError' })
  const third = built(t, gockerfile)
  await delay(50)
  stop.abort()
  await interrupted
  await built(t, `${FROM}RUN ${meet} touch /meet/go\n`)
  await failing
  assert.deepEqual(cached(await third), [false])
})

/** Whether a cache mount has a file of that name. */
function isInCache(file: string): boolean {
  const mounts = store().paths.cacheMounts
  return existsSync(mounts) && readdirSync(mounts).some((name) => existsSync(join(mounts, name, 'files', file)))
}

type Known = Record<string, [version: string, digest: string]>

function lines(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

test('steps that make no layer are known too, as long as all before them is the same', async (t) => {
  const context = contextOf(t, { a: 'A' })
  const gockerfile = (value: string) => `${FROM}ENV A=${value}\nLABEL own=${context}\nCOPY a /a\nCMD ["x"]\n`
  assert.deepEqual(cached(await built(t, gockerfile('1'), { context })), [false, false, false, false])
  assert.deepEqual(cached(await built(t, gockerfile('1'), { context })), [true, true, true, true])
  assert.deepEqual(cached(await built(t, gockerfile('2'), { context })), [false, false, true, false])
  assert.deepEqual(cached(await built(t, gockerfile('1'), { context, noCache: true })), [false, false, false, false])
})

test('a file that is as it was is not read again', async (t) => {
  const gockerfile = `${FROM}COPY . /c\n`
  const context = contextOf(t, { a: 'A', 'd/b': 'B' })
  // Until a change would show.
  await delay(2100)
  const before = new Set(existsSync(store().paths.fileDigestCaches) ? readdirSync(store().paths.fileDigestCaches) : [])
  await built(t, gockerfile, { context })
  const [memory = ''] = readdirSync(store().paths.fileDigestCaches).filter((name) => !before.has(name))
  assert.deepEqual(cached(await built(t, gockerfile, { context })), [true])
  // What is remembered wrongly is believed: so nothing was read.
  const path = join(store().paths.fileDigestCaches, memory)
  const [known, files] = lines(path) as [{ selections: object }, Known]
  assert.deepEqual(Object.keys(files), ['a', 'd/b'])
  const [version = ''] = Object.keys(known.selections)
  writeFileSync(path, `${JSON.stringify({ selections: { [version]: 'something else' } })}\n${JSON.stringify(files)}`)
  assert.deepEqual(cached(await built(t, gockerfile, { context })), [false])
  writeFileSync(path, `{}\n${JSON.stringify({ ...files, a: [files.a?.[0], 'something else'] })}`)
  assert.deepEqual(cached(await built(t, gockerfile, { context })), [false])
})

describe('prune', () => {
  const step = (n: number) => `${FROM}RUN head -c 1000000 /dev/urandom > /${n}\n`

  test('removes what no image has, frees it, and tells how much', async (t) => {
    await emptied(t)
    const { image } = await built(t, step(1))
    await built(t, step(2), { tags: ['kept'] })
    await store().images.remove(image.id, { force: true })
    const { removed, freed, busy } = await pruneCache({ store: store() })
    assert.deepEqual([removed.length, removed[0]?.kind, busy], [1, 'step', false])
    assert.ok(freed > 2_000_000 && freed < 2_200_000, `${freed}`)
    assert.equal(await store().layers.has(image.layers.at(-1) ?? 'sha256:'), false)
    assert.deepEqual([cached(await built(t, step(2))), cached(await built(t, step(1)))], [[true], [false]])
    assert.equal((await pruneCache({ store: store(), all: true })).removed.length, 2)
  })

  test('--keep-storage: what was used least recently goes, and no more than has to', async (t) => {
    await emptied(t)
    for (const n of [1, 2, 3]) {
      const { image } = await built(t, step(n))
      await store().images.remove(image.id, { force: true })
      age(4 - n)
    }
    // The first is used again.
    await store().images.remove((await built(t, step(1))).image.id, { force: true })
    const { removed } = await pruneCache({ store: store(), keepStorage: 4_500_000 })
    assert.equal(removed.length, 1)
    assert.deepEqual(cached(await built(t, step(1))), [true])
  })

  test('--filter until: only what was not used since', async (t) => {
    await emptied(t)
    const old = await built(t, `${FROM}RUN --mount=type=cache,target=/c,id=old echo 1 > /c/x; echo old > /x\n`)
    await store().images.remove(old.image.id, { force: true })
    age(25)
    const young = await built(t, `${FROM}RUN --mount=type=cache,target=/c,id=young echo 1 > /c/x; echo young > /x\n`)
    await store().images.remove(young.image.id, { force: true })
    const { stdout, stderr } = succeeded(await gocker(['builder', 'prune', '--filter', 'until=24h'], { root }))
    assert.match(stdout, /^(?:step [0-9a-f]{12} {2}.*\nmount old {2}.*|mount old {2}.*\nstep [0-9a-f]{12} {2}.*)used 25 hours ago\n$/)
    assert.match(stderr, /^freed [\d.]+kB\n$/)
    assert.match(succeeded(await gocker(['builder', 'prune', '-f'], { root })).stdout, /mount young/)
    failedWith(await gocker(['builder', 'prune', '--filter', 'label=x'], { root }), /there is until=TIME alone/)
    failedWith(await gocker(['builder', 'prune', '--keep-storage', 'much'], { root }), /keep-storage "much"/)
  })

  test('beside a build it takes nothing that the build uses', async (t) => {
    await emptied(t)
    const meet = '--mount=type=cache,target=/meet,id=meet-pruning'
    const gockerfile = `${FROM}RUN echo 1 > /1\nRUN ${meet} touch /meet/begun; while [ ! -e /meet/go ]; do sleep 0.01; done\nRUN cat /1 > /2\n`
    const building = built(t, gockerfile)
    const mounts = store().paths.cacheMounts
    await until(() => isInCache('begun'))
    const { removed, busy } = await pruneCache({ store: store(), all: true })
    assert.deepEqual([removed.map(({ kind }) => kind), busy], [['step'], true])
    for (const name of readdirSync(mounts)) writeFileSync(join(mounts, name, 'files', 'go'), '')
    assert.equal((await building).image.layers.length, 3)
  })
})
