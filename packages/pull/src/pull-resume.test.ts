import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '@gocker/oci'
import { openStore, type Store } from '@gocker/store'
import { temporaryDirectory } from '@gocker/testkit'
import type { PullEvent } from './events.ts'
import { HASTY } from './testing/image.ts'
import { BASE, blobRequests, bring, checkTree, contents, emptyStore, faultyProxy, pushed, TOP } from './testing/pull-fixture.ts'

test('two pulls at once fetch each layer once', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 })
  const { name, layout } = await pushed(t, { layers: [BASE, TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const events: PullEvent[] = []
  const other = await openStore({ root: store.paths.root, run: store.paths.run })
  const onEvent = (event: PullEvent) => events.push(event)
  const [one, two] = await Promise.all([bring(name, store, { onEvent }), bring(name, other, { onEvent })])
  assert.equal(one.id, two.id)
  checkTree(store, layout)
  assert.equal(blobRequests(proxy, layout).length, 2)
  assert.ok(events.some(({ type }) => type === 'layer-waiting'))
})

test('an image that lies about a layer does not harm one that has the same', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 })
  const right = await pushed(t, { layers: [BASE, TOP] }, { host: proxy.host })
  const other = digestOf('other')
  const lying = await pushed(
    t,
    { layers: [TOP], editConfig: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: [other] } }) },
    { host: proxy.host },
  )
  const store = await emptyStore(t)
  const [refused, kept] = await Promise.allSettled([bring(lying.name, store), bring(right.name, store)])
  assert.equal(refused.status === 'rejected' && refused.reason.code, 'DIFF_ID_MISMATCH')
  assert.equal(kept.status, 'fulfilled')
  checkTree(store, right.layout)
  await Promise.all((right.layout.images[0]?.layers ?? []).map(({ digest }) => store.blobs.read(digest)))
})

test('a pull that is stopped goes on at the byte', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 4_000_000 })
  const { name, layout } = await pushed(t, { layers: [TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const stop = new AbortController()
  const stopping = bring(name, store, {
    signal: stop.signal,
    onEvent: (event) => event.type === 'layer-progress' && event.transferred > 500_000 && stop.abort(),
  })
  await assert.rejects(stopping, { name: 'AbortError' })
  assert.deepEqual(contents(store), { blobs: [], layers: [] })
  const resumedAt = await resumedPull(name, store)
  assert.ok(resumedAt > 500_000, String(resumedAt))
  assert.equal(blobRequests(proxy, layout).at(-1)?.headers.range, `bytes=${resumedAt}-`)
})

async function resumedPull(name: string, store: Store): Promise<number> {
  const started: number[] = []
  await bring(name, store, { onEvent: (event) => event.type === 'layer-started' && started.push(event.resumedAt) })
  assert.equal(contents(store).layers.length, 1)
  return started[0] ?? 0
}

test('a partial blob that turns out wrong is begun anew', async (t) => {
  const layer = { path: /blobs/, nth: 2 }
  const proxy = await faultyProxy(
    t,
    { ...layer, kind: 'flip', at: 100_000 },
    { ...layer, kind: 'cut', after: 1_500_000 },
    { path: /blobs/, nth: [3, 4], kind: 'status', status: 503 },
  )
  const { name } = await pushed(t, { layers: [TOP], compression: 'none' }, { host: proxy.host })
  const store = await emptyStore(t)
  await assert.rejects(bring(name, store, { retry: { ...HASTY, attempts: 2 } }), { code: 'BAD_RESPONSE' })
  proxy.heal()
  const started: number[] = []
  await bring(name, store, { onEvent: (event) => event.type === 'layer-started' && started.push(event.resumedAt) })
  assert.deepEqual(
    started.map((offset) => offset > 100_000),
    [true, false],
  )
  assert.equal(contents(store).layers.length, 1)
})

test('a pull that is killed goes on, too', async (t) => {
  const proxy = await faultyProxy(t, { path: /blobs/, kind: 'slow', bytesPerSecond: 2_000_000 })
  const { name } = await pushed(t, { layers: [TOP] }, { host: proxy.host })
  const store = await emptyStore(t)
  const script = join(temporaryDirectory(t), 'pull.mjs')
  writeFileSync(
    script,
    `import { openStore } from '${import.meta.resolve('@gocker/store')}'
    import { pull } from '${import.meta.resolve('./pull.ts')}'
    const [root, run, name] = process.argv.slice(2)
    const onEvent = (event) => event.type === 'layer-progress' && console.log(event.transferred)
    await pull(name, { store: await openStore({ root, run }), onEvent })`,
  )
  const child = spawn(process.execPath, [script, store.paths.root, store.paths.run, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of child.stdout.setEncoding('utf8')) if (Number.parseInt(line, 10) > 1_800_000) child.kill('SIGKILL')
  if (child.signalCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL')
  assert.deepEqual(contents(store), { blobs: [], layers: [] })
  assert.ok((await resumedPull(name, store)) > 0)
})
