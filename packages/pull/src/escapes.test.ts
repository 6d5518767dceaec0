import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '@gocker/store'
import { buildTar, type TarPart, temporaryDirectory } from '@gocker/testkit'
import { importImage } from './import-image.ts'

const OUT = '../'.repeat(20)

/** Archives that made others write, remove and change what is outside of the layer: by names, and by links that come before them. */
function archives(host: string): Readonly<Record<string, readonly TarPart[]>> {
  const link: TarPart = { name: 'link', type: 'symlink', link: `${OUT}${host}` }
  return {
    'a file through a symlink (CVE-2018-1002105 and many like it)': [link, { name: 'link/kept', content: 'changed' }],
    'a whiteout through a symlink removes nothing (CVE-2014-9357)': [link, { name: 'link/.wh.kept' }, { name: 'link/.wh..wh..opq' }],
    'a mode through a hard link (CVE-2021-32760)': [
      link,
      { name: 'hard', type: 'hardlink', link: 'link/kept' },
      { name: 'hard', mode: 0o777, content: 'changed' },
    ],
    'a hard link to outside': [{ name: 'hard', type: 'hardlink', link: `${OUT}${host}/kept` }],
    'a symlink through a symlink': [link, { name: 'again', type: 'symlink', link: 'link' }, { name: 'again/made', content: 'x' }],
    'a name that climbs': [{ name: `${OUT}${host}/kept`, content: 'changed' }],
    'a name that is absolute': [{ name: `${host}/kept`, content: 'changed' }],
    'a directory over a symlink, and its mode': [link, { name: 'link/', mode: 0o777, uid: 1 }, { name: 'link/made', content: 'x' }],
    'a node through a symlink': [link, { name: 'link/null', type: 'character', device: { major: 1, minor: 3 } }],
    'the root as a symlink': [
      { name: './', type: 'symlink', link: host },
      { name: './kept', content: 'changed' },
    ],
  }
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

for (const what of Object.keys(archives('/x')))
  test(`an archive leads out of its layer nowhere: ${what}`, async (t) => {
    const root = temporaryDirectory(t)
    const host = join(root, 'host')
    mkdirSync(host)
    writeFileSync(join(host, 'kept'), 'as it was')
    const facts = () => {
      const [{ mode, uid, nlink }, above] = [statSync(join(host, 'kept')), statSync(host)]
      return [readdirSync(host), readFileSync(join(host, 'kept'), 'utf8'), mode, uid, nlink, above.mode, above.uid]
    }
    const before = facts()
    const store = await openStore({ root: join(root, 'store'), run: join(root, 'run') })
    try {
      await importImage({ source: chunks(buildTar(archives(host)[what] ?? [])), store, reference: 'evil' })
    } catch (error) {
      assert.equal((error as Error).name, 'PullError', `${error}`)
    }
    assert.deepEqual(facts(), before)
  })
