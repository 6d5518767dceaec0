import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { removeTree, treeSize } from './tree.ts'

test('whatever is in a directory goes with it, and nothing that is linked to', async (t) => {
  const directory = temporaryDirectory(t)
  const tree = join(directory, 'tree')
  const outside = join(directory, 'outside')
  writeFileSync(outside, 'stays')
  mkdirSync(join(tree, 'a', 'b'), { recursive: true })
  writeFileSync(join(tree, 'a', 'b', 'file'), Buffer.alloc(100_000))
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), 'no UTF-8')
  symlinkSync(outside, join(tree, 'link'))
  symlinkSync('..', join(tree, 'up'))
  linkSync(outside, join(tree, 'hard'))
  execFileSync('mkfifo', [join(tree, 'fifo')])
  chmodSync(join(tree, 'a', 'b'), 0)
  const size = await treeSize(tree)
  const freed = await removeTree(tree)
  assert.equal(existsSync(tree), false)
  assert.equal(existsSync(outside), true)
  assert.ok(size >= 100_000)
  // The file outside is in the size, and is not freed.
  assert.ok(freed >= 100_000 && freed < size)
  assert.equal(await removeTree(tree), 0)
})

test('a tree too deep for any path goes too', async (t) => {
  const tree = join(temporaryDirectory(t), 'tree')
  const name = 'd'.repeat(200)
  execFileSync('sh', [
    '-c',
    'mkdir "$1" && cd "$1" && for i in $(seq 40); do mkdir "$2" && cd -P "$2" || exit 1; done; : > file',
    'sh',
    tree,
    name,
  ])
  assert.ok((await treeSize(tree)) > 0)
  await removeTree(tree)
  assert.equal(existsSync(tree), false)
})

test('who is not root removes what its owner may not change', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const directory = temporaryDirectory(t)
  chmodSync(directory, 0o777)
  const script = `
    import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
    import { removeTree } from ${JSON.stringify(new URL('./tree.ts', import.meta.url).href)}
    process.setgid(65534)
    process.setuid(65534)
    const tree = ${JSON.stringify(join(directory, 'tree'))}
    mkdirSync(tree + '/closed', { recursive: true })
    mkdirSync(tree + '/fixed')
    for (const name of ['closed', 'fixed']) writeFileSync(tree + '/' + name + '/file', '')
    chmodSync(tree + '/closed', 0)
    chmodSync(tree + '/fixed', 0o555)
    await removeTree(tree)`
  execFileSync(process.execPath, ['--input-type=module', '-e', script])
  assert.equal(existsSync(join(directory, 'tree')), false)
})

test('what is mounted inside is not emptied', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const tree = temporaryDirectory(t)
  const inside = join(tree, 'mounted')
  mkdirSync(inside)
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inside])
  try {
    writeFileSync(join(inside, 'file'), 'stays')
    await assert.rejects(removeTree(tree), {
      name: 'StoreError',
      code: 'IN_USE',
      message: `removing ${inside}: something is mounted there`,
    })
    assert.equal(existsSync(join(inside, 'file')), true)
  } finally {
    execFileSync('umount', [inside])
  }
})
