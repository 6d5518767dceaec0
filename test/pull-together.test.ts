import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { buildTar, gocker, startGocker, temporaryDirectory } from '@gocker/testkit'
import { pullFixture, succeeded } from './support/pulling.ts'

const { pushed, proxy } = await pullFixture()
const LAYERS = [0, 1].map((index) => buildTar([{ name: `noise-${index}`, content: randomBytes(1_000_000) }]))
const SLOW = { path: /blobs/, kind: 'slow', bytesPerSecond: 1_000_000 } as const

test('two pulls of one image at once fetch each layer once', async (t) => {
  const slow = await proxy(t, SLOW)
  const { name, layout } = await pushed(t, { layers: LAYERS })
  const root = temporaryDirectory(t)
  const pulls = [0, 1].map(() => startGocker(['pull', `${slow.host}/${name}`], { root }))
  const results = await Promise.all(pulls.map(({ result }) => result))
  for (const result of results) assert.equal(succeeded(result).stdout, `${layout.descriptor.digest}\n`)
  for (const { digest } of layout.images[0]?.layers ?? [])
    assert.equal(slow.requests.filter(({ path }) => path.endsWith(digest)).length, 1, digest)
  assert.match(results.map(({ stderr }) => stderr).join(''), /another gocker is fetching it, waiting/)
})

test('a pull that waits for another goes on where that one is killed', async (t) => {
  const { name, layout } = await pushed(t, { layers: LAYERS.slice(0, 1), compression: 'none' })
  const root = temporaryDirectory(t)
  const layer = layout.images[0]?.layers[0]?.digest ?? '?'
  // The first would take minutes: however late the second is, it finds it at work.
  const slow = await proxy(t, { path: new RegExp(layer), nth: 1, kind: 'slow', bytesPerSecond: 5_000 })
  const requests = () => slow.requests.filter(({ path }) => path.endsWith(layer))
  const first = startGocker(['pull', `${slow.host}/${name}`], { root })
  while (requests().length === 0) await delay(10)
  const second = startGocker(['pull', `${slow.host}/${name}`], { root })
  let said = ''
  second.child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  while (!said.includes('waiting')) await delay(10)
  process.kill(first.pid, 'SIGKILL')
  assert.equal((await first.result).signal, 'SIGKILL')
  succeeded(await second.result)
  assert.equal(requests().length, 2)
  succeeded(await gocker(['inspect', `${slow.host}/${name}`], { root }))
})
