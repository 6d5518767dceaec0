import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { debianRootfs, temporaryDirectory } from '@gocker/testkit'
import { list } from 'tar'
import { makeRandomTree } from '../testing/random-tree.ts'
import { describeTree } from '../testing/tree-description.ts'
import { unpackBytes } from '../testing/unpacking.ts'
import { unpackLayer } from './unpack-layer.ts'

// Of each format: what GNU tar can say in it of a tree, and so what must come out again.
const FORMATS = {
  'pax, sparse 1.0': { flags: ['--format=pax', '--sparse', '--sparse-version=1.0', '--xattrs', '--xattrs-include=*'], exotic: true },
  'pax, sparse 0.1': { flags: ['--format=pax', '--sparse', '--sparse-version=0.1', '--xattrs', '--xattrs-include=*'], exotic: true },
  'pax, sparse 0.0': { flags: ['--format=pax', '--sparse', '--sparse-version=0.0', '--xattrs', '--xattrs-include=*'], exotic: true },
  'gnu, sparse': { flags: ['--format=gnu', '--sparse'], exotic: false },
  gnu: { flags: ['--format=gnu'], exotic: false },
} as const

function gnuTar(tree: string, flags: readonly string[]): Buffer {
  return execFileSync('tar', ['--create', '--numeric-owner', ...flags, '--directory', tree, '.'], { maxBuffer: 1 << 30 })
}

for (const [name, { flags, exotic }] of Object.entries(FORMATS))
  test(`a random tree comes out of GNU tar's ${name} as it went in`, async (t) => {
    for (const seed of [1, 2, 3]) {
      const tree = temporaryDirectory(t)
      makeRandomTree(tree, { seed, exotic })
      const { directory } = await unpackBytes(t, gnuTar(tree, flags))
      const wholeSeconds = (files: ReturnType<typeof describeTree>) => {
        for (const file of Object.values(files)) Object.assign(file, { mtime: file.mtime.slice(0, exotic ? undefined : -9) })
        return files
      }
      assert.deepEqual(wholeSeconds(describeTree(directory)), wholeSeconds(describeTree(tree)), `seed ${seed}`)
    }
  })

for (const format of ['ustar', 'v7'])
  test(`what ${format} can say comes out again`, async (t) => {
    const tree = temporaryDirectory(t)
    execFileSync(
      'sh',
      [
        '-c',
        'mkdir -p d/e && echo hi >d/f && ln d/f d/g && ln -s f d/s && chmod 4711 d/f && touch -d @1000000000 d/f d/e d && touch -hd @5 d/s && touch -d @7 .',
      ],
      { cwd: tree },
    )
    const { directory } = await unpackBytes(t, gnuTar(tree, [`--format=${format}`]))
    assert.deepEqual(describeTree(directory), describeTree(tree))
  })

test('an unpacked Debian is what GNU tar makes of it, entry for entry', async (t) => {
  const tarball = await debianRootfs()
  const [ours, theirs] = [temporaryDirectory(t), temporaryDirectory(t)]
  execFileSync('tar', [
    '--extract',
    '--file',
    tarball,
    '--directory',
    theirs,
    '--numeric-owner',
    '--xattrs',
    '--xattrs-include=*',
    '--preserve-permissions',
  ])
  await unpackLayer({ source: createReadStream(tarball), compression: 'none', directory: ours })
  const [actual, expected] = [describeTree(ours), describeTree(theirs)]
  assert.ok(Object.keys(expected).length > 1000)
  assert.ok(
    Object.values(expected).some(({ xattrs }) => xattrs?.['security.capability'] !== undefined),
    'ping has its capability',
  )
  assert.deepEqual(actual, expected)
})

test('entries are counted as the tar package counts them', async (t) => {
  const tree = temporaryDirectory(t)
  makeRandomTree(tree, { seed: 9, exotic: false })
  const file = join(temporaryDirectory(t), 'x.tar')
  execFileSync('tar', ['--create', '--format=pax', '--file', file, '--directory', tree, '.'])
  let theirs = 0
  await list({ file, onReadEntry: () => void theirs++ })
  const { entries } = await unpackBytes(t, await readFile(file))
  assert.equal(entries, theirs)
})
