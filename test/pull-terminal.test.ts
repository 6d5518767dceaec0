import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { buildTar, gockerTerminal, leaks, temporaryDirectory } from '@gocker/testkit'
import { NOTHING, pullFixture, storeContents } from './support/pulling.ts'

const { pushed, proxy } = await pullFixture()
const LAYERS = [0, 1].map((index) => buildTar([{ name: `noise-${index}`, content: randomBytes(1_500_000) }]))
const SLOW = { path: /blobs/, kind: 'slow', bytesPerSecond: 700_000 } as const

/** Lines of the screen that have something on them. */
function lines(screen: string): string[] {
  return screen.split('\n').filter((line) => line.trim() !== '')
}

for (const columns of [80, 40])
  test(`on a terminal of ${columns} columns a pull is one live line, which goes when it is done`, async (t) => {
    const slow = await proxy(t, SLOW)
    const { name, layout } = await pushed(t, { layers: LAYERS })
    const root = temporaryDirectory(t)
    await using terminal = await gockerTerminal(['pull', `${slow.host}/${name}`], { root, size: { columns, rows: 24 } })
    const screen = await terminal.waitFor(/ of 3MB/)
    assert.equal(lines(screen).filter((line) => line.includes(' of 3MB')).length, 1, screen)
    assert.ok(lines(screen).length <= (columns === 80 ? 2 : 3), screen)
    assert.equal((await terminal.exited()).code, 0)
    const end = (await terminal.screen()).replaceAll('\n', '')
    assert.ok(end.includes(layout.descriptor.digest), end)
    assert.doesNotMatch(end, / of 3MB/)
  })

test('Ctrl-C ends a pull at once, with 130, and leaves the terminal in order', async (t) => {
  const slow = await proxy(t, { ...SLOW, bytesPerSecond: 50_000 })
  const { name } = await pushed(t, { layers: LAYERS })
  const root = temporaryDirectory(t)
  const watch = leaks(root)
  await using terminal = await gockerTerminal(['pull', `${slow.host}/${name}`], { root })
  await terminal.waitFor(/ of 3MB/)
  await terminal.press('C-c')
  assert.equal((await terminal.exited()).code, 130)
  const screen = await terminal.screen()
  assert.match(screen, /^gocker: interrupted$/m)
  assert.doesNotMatch(screen, / of 3MB/)
  await terminal.stop()
  await watch.assertNone()
  assert.deepEqual(await storeContents(root), { ...NOTHING, blobs: (await storeContents(root)).blobs })
})

test('colours stay away where they are not wanted', async (t) => {
  const slow = await proxy(t, SLOW)
  const { name } = await pushed(t, { layers: LAYERS })
  const root = temporaryDirectory(t)
  await using terminal = await gockerTerminal(['pull', `${slow.host}/${name}`], { root, env: { NO_COLOR: '1' } })
  await terminal.waitFor(/ of 3MB/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  assert.doesNotMatch(await terminal.screen({ colours: true }), /\x1b\[[0-9;]*[1-9][0-9;]*m/)
})
