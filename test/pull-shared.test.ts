import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { buildTar, startGocker, temporaryDirectory } from '@gocker/testkit'
import { pullFixture, succeeded } from './support/pulling.ts'

const { pushed, proxy } = await pullFixture()
const AT_ONCE = 10

test('ten pulls at once of images that share layers fetch each layer once', async (t) => {
  const shared = ['base', 'runtime'].map((name) => buildTar([{ name, content: randomBytes(300_000) }]))
  const images = await Promise.all(
    Array.from({ length: AT_ONCE / 2 }, (_, index) =>
      pushed(t, { layers: [...shared, buildTar([{ name: `program-${index}`, content: randomBytes(1000) }])] }),
    ),
  )
  const counting = await proxy(t)
  const root = temporaryDirectory(t)
  const names = Array.from({ length: AT_ONCE }, (_, index) => images[index % images.length]?.name)
  const results = await Promise.all(names.map((name) => startGocker(['pull', '-q', `${counting.host}/${name}`], { root }).result))
  for (const result of results) succeeded(result)
  const layers = new Set(images.flatMap(({ layout }) => layout.images[0]?.layers.map(({ digest }) => digest) ?? []))
  assert.equal(layers.size, shared.length + images.length)
  for (const digest of layers) assert.equal(counting.requests.filter(({ path }) => path.endsWith(digest)).length, 1, digest)
})
