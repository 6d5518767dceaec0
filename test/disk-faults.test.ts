import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { buildTar, gocker, temporaryDirectory } from '@gocker/testkit'
import { gockerOn } from './support/disks.ts'
import { failedWith, pullFixture, storeContents, succeeded } from './support/pulling.ts'

const { registry, pushed } = await pullFixture()

const LARGE = buildTar([{ name: 'noise', content: randomBytes(6_000_000) }])

interface Brought {
  readonly title: string
  /** Makes the words of the command; `aside` is a directory on another disk. */
  readonly words: (t: TestContext, aside: string, store: string) => Promise<readonly string[]>
}

const BRINGING: readonly Brought[] = [
  { title: 'pull', words: async (t) => ['pull', await image(t)] },
  { title: 'copy into the store', words: async (t) => ['copy', `docker://${await image(t)}`, 'copied:1'] },
  { title: 'copy into a layout', words: async (t, _aside, store) => ['copy', `docker://${await image(t)}`, `oci:${store}/layout:1`] },
  { title: 'copy into an archive', words: async (t, aside) => ['copy', `docker://${await image(t)}`, `oci-archive:${aside}/archive.tar`] },
  { title: 'load', words: async (t, aside) => ['load', '-i', await archive(t, aside)] },
  {
    title: 'import',
    words: async (_t, aside) => {
      writeFileSync(join(aside, 'root.tar'), LARGE)
      return ['import', join(aside, 'root.tar'), 'imported:1']
    },
  },
]

async function image(t: TestContext): Promise<string> {
  const { name } = await pushed(t, { layers: [LARGE], compression: 'none' })
  return `${registry.host}/${name}`
}

async function archive(t: TestContext, aside: string): Promise<string> {
  const file = join(aside, 'images.tar')
  succeeded(await gocker(['copy', `docker://${await image(t)}`, `docker-archive:${file}:large:1`]))
  return file
}

for (const { title, words } of BRINGING)
  test(`${title}: a full disk and one that cannot be written are told in one line, and nothing stays`, async (t) => {
    const [root, aside] = [temporaryDirectory(t), temporaryDirectory(t)]
    const command = await words(t, aside, join(root, 'store'))
    const before = readdirSync(aside)
    const full = await gockerOn({ root, kind: { megabytes: 3 } }, command)
    failedWith(full, /ENOSPC|no space/i)
    assert.deepEqual(full.left, [])
    const readOnly = await gockerOn({ root, kind: 'read-only' }, command)
    failedWith(readOnly, /EROFS|read-only/i)
    assert.deepEqual(readOnly.left, [])
    assert.deepEqual(readdirSync(aside), before)
  })

test('a bomb of zeros fills its own disk alone', async (t) => {
  const zeros = buildTar([{ name: 'zeros', content: Buffer.alloc(64 << 20) }])
  const { name, layout } = await pushed(t, { layers: [zeros] })
  assert.ok((layout.images[0]?.layers[0]?.size ?? Number.POSITIVE_INFINITY) < 1 << 20)
  const bombed = await gockerOn({ root: temporaryDirectory(t), kind: { megabytes: 8 } }, ['pull', `${registry.host}/${name}`])
  failedWith(bombed, /ENOSPC|no space/i)
  assert.deepEqual(
    bombed.left.filter((file) => !file.startsWith('blobs/')),
    [],
  )
})

test('an image leaves a store that is full, and what cannot be written is told', async (t) => {
  const root = temporaryDirectory(t)
  const name = `${registry.host}/from-a-full-disk:1`
  succeeded(await gocker(['import', '-', name], { root, input: LARGE }))
  const refused = await gockerOn({ root, kind: 'read-only' }, ['push', name])
  failedWith(refused, /EROFS|read-only/i)
  const saved = await gocker(['save', '-o', '/dev/full', name], { root })
  failedWith(saved, /ENOSPC|no space/i)
  assert.equal((await storeContents(root)).blobs.length > 0, true)
})
