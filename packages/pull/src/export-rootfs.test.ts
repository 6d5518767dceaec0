import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TarPart, temporaryDirectory } from '@gocker/testkit'
import { exportRootfs } from './export-rootfs.ts'
import { describeTree } from './testing/tree-description.ts'
import { type Unpacked, unpackBytes, unpackParts } from './testing/unpacking.ts'

async function exported(t: TestContext, layers: readonly (readonly TarPart[])[]): Promise<Unpacked> {
  const lowers: string[] = []
  for (const parts of layers) lowers.unshift((await unpackParts(t, parts)).directory)
  const chunks: Buffer[] = []
  await exportRootfs({ lowers }, (chunk) => void chunks.push(chunk))
  return await unpackBytes(t, Buffer.concat(chunks))
}

const BASE: readonly TarPart[] = [
  { name: 'keep', content: 'k', uid: 4, mode: 0o4711 },
  { name: 'second', type: 'hardlink', link: 'keep' },
  { name: 'gone' },
  { name: 'dir/old' },
  { name: 'new/old' },
]

test('what is hidden is gone, the top wins, links stay together', async (t) => {
  const { directory } = await exported(t, [
    BASE,
    [{ name: '.wh.gone' }, { name: 'dir/.wh..wh..opq' }, { name: 'dir/f' }, { name: '.wh.new' }, { name: 'new/f' }],
    [{ name: 'top', content: 't' }],
  ])
  const files = describeTree(directory)
  assert.deepEqual(Object.keys(files), ['.', './dir', './dir/f', './keep', './new', './new/f', './second', './top'])
  assert.deepEqual([files['./keep']?.mode, files['./keep']?.owner, files['./second']?.sameAs], ['104711', '4:0', './keep'])
})

test('one layer alone, and one that hides all below it', async (t) => {
  const alone = await exported(t, [[...BASE, { name: '.wh.x' }]])
  assert.ok(!('./x' in describeTree(alone.directory)))
  const opaque = await exported(t, [BASE, [{ name: '.wh..wh..opq' }, { name: 'only' }]])
  assert.deepEqual(Object.keys(describeTree(opaque.directory)), ['.', './only'])
})

test('a hundred layers, from directories with odd names, and no mount is seen', async (t) => {
  const place = temporaryDirectory(t)
  const lowers = Array.from({ length: 100 }, (_, index) => join(place, `layer:${index},x=y`))
  for (const [index, lower] of lowers.entries()) mkdirSync(join(lower, `d${index}`), { recursive: true })
  // The host may mount other things meanwhile.
  const isSeen = () => /\/sys\/root|layer:0/.test(readFileSync('/proc/self/mountinfo', 'utf8'))
  const { entries } = await exportRootfs({ lowers }, () => assert.ok(!isSeen()))
  assert.equal(entries, 101)
})
