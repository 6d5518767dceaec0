import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { buildTar, busyboxRootfs, gocker, inspectWithSkopeo, leaks, schemaFor, temporaryDirectory } from '@gocker/testkit'
import { failedWith, layerFiles, NOTHING, storeContents, succeeded } from './support/pulling.ts'

const SMALL = buildTar([{ name: 'etc/' }, { name: 'etc/motd', content: 'hello\n', uid: 3, mode: 0o640 }])

/** gocker with a store of this test's own. */
function inStore(t: TestContext) {
  const root = temporaryDirectory(t)
  return {
    root,
    run: (...args: string[]) => gocker(args, { root }),
    ok: async (...args: string[]) => succeeded(await gocker(args, { root })).stdout,
    load: async (name: string, tar: Uint8Array = SMALL, ...flags: string[]) =>
      succeeded(await gocker(['import', ...flags, '-', name], { root, input: tar })).stdout.trim(),
  }
}

/** `name tag` of each row, sorted. */
function names(table: string): string[] {
  const rows = table.trimEnd().split('\n').slice(1)
  return rows.map((row) => row.split(/ {2,}/).slice(0, 2).join(' ')).sort()
}

test('images lists them as docker does, newest first', async (t) => {
  const { load, ok } = inStore(t)
  assert.equal(await ok('images'), 'REPOSITORY   TAG   IMAGE ID   CREATED   SIZE\n')
  const first = await load('first')
  const second = await load('localhost:5000/second:v2', buildTar([{ name: 'x', content: 'y'.repeat(5000) }]))
  const table = await ok('images')
  assert.match(table, /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/m)
  assert.match(table, new RegExp(`^localhost:5000/second +v2 +${second.slice(7, 19)} +\\S.* (?:ago|now) +[\\d.]+kB$`, 'm'))
  assert.match(table, new RegExp(`^first +latest +${first.slice(7, 19)} `, 'm'))
  assert.deepEqual(names(await ok('images', 'first')), ['first latest'])
  assert.deepEqual(names(await ok('images', 'localhost:5000/second')), ['localhost:5000/second v2'])
  assert.deepEqual(names(await ok('images', 'localhost:5000/second:v1')), [])
  assert.deepEqual((await ok('images', '-q')).trim().split('\n').sort(), [first.slice(7, 19), second.slice(7, 19)].sort())
  assert.deepEqual((await ok('images', '-q', '--no-trunc', 'first')).trim(), first)
  const [json] = (await ok('images', '--format', 'json', 'first')).trim().split('\n')
  assert.deepEqual(Object.keys(JSON.parse(json ?? '')).sort(), [
    'Containers',
    'CreatedAt',
    'CreatedSince',
    'Digest',
    'ID',
    'Repository',
    'Size',
    'Tag',
  ])
})

test('tag gives one more name, and moves a name that was given', async (t) => {
  const { load, ok, run } = inStore(t)
  const first = await load('first')
  const second = await load('second', buildTar([{ name: 'x' }]))
  await ok('tag', 'first', 'ghcr.io/o/i:t')
  await ok('tag', first.slice(7, 15), 'by-id')
  assert.deepEqual(names(await ok('images')), ['by-id latest', 'first latest', 'ghcr.io/o/i t', 'second latest'])
  await ok('tag', 'second', 'first')
  assert.equal((await ok('images', '-q', '--no-trunc', 'first')).trim(), second)
  assert.equal((await ok('images', '-q', '--no-trunc', 'by-id')).trim(), first)
  failedWith(await run('tag', 'third', 'x'), /finding image third: there is none/)
  failedWith(await run('tag', 'first', 'UPPER'), /lower case/)
  failedWith(await run('tag', 'first', `x@sha256:${'0'.repeat(64)}`), /digest/)
})

test('rmi takes a name away, and the image with its last name', async (t) => {
  const { root, load, ok, run } = inStore(t)
  const id = await load('first')
  await ok('tag', 'first', 'other:v1')
  assert.equal(await ok('rmi', 'first'), 'Untagged: first:latest\n')
  assert.deepEqual(names(await ok('images')), ['other v1'])
  const last = await ok('rmi', 'other:v1')
  assert.match(last, new RegExp(`^Untagged: other:v1\nDeleted: ${id}\n(Deleted: sha256:[0-9a-f]{64}\n)*$`))
  assert.deepEqual(await storeContents(root), NOTHING)
  const { code, stderr } = await run('rmi', 'first')
  assert.deepEqual([code, stderr.split('\n')[0]], [1, 'gocker: finding image first: there is none'])
})

test('rmi by id asks for force where several names are lost, and does what it can of several', async (t) => {
  const { load, ok, run } = inStore(t)
  const id = await load('first')
  await ok('tag', 'first', 'other')
  const refused = await run('rmi', id.slice(7, 19))
  assert.deepEqual([refused.code, refused.stdout], [1, ''])
  assert.match(refused.stderr, /it is called .*\n {2}hint: .*--force/)
  await load('third', buildTar([{ name: 'x' }]))
  const some = await run('rmi', 'missing', 'third')
  assert.equal(some.code, 1)
  assert.match(some.stdout, /^Untagged: third:latest$/m)
  assert.match(await ok('rmi', '--force', id.slice(7, 19)), /Untagged: first:latest\nUntagged: other:latest\nDeleted: /)
})

test('an image that a container uses stays, unless by force', async (t) => {
  const { load, ok, run } = inStore(t)
  await load('base', busyboxRootfs(), '-c', 'ENV PATH=/bin')
  await ok('run', '--name', 'stopped', 'base', 'true')
  const refused = await run('rmi', 'base')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /container stopped uses it\n {2}hint: gocker rm stopped/)
  await ok('rm', 'stopped')
  await ok('rmi', 'base')
})

test("inspect shows an image's documents, which are valid, as skopeo does", async (t) => {
  const { root, load, ok, run } = inStore(t)
  const changes = ['-c', 'CMD ["sh", "-l"]', '-c', 'ENV A=b', '-c', 'LABEL x=y', '-c', 'WORKDIR /srv', '-c', 'EXPOSE 80', '-c', 'USER 1:2']
  const id = await load('first:v1', SMALL, ...changes, '-m', 'a comment')
  const [image] = JSON.parse(await ok('inspect', 'first:v1'))
  assert.deepEqual([image.Id, image.RepoTags], [id, ['first:v1']])
  assert.deepEqual(image.Config, {
    User: '1:2',
    ExposedPorts: { '80/tcp': {} },
    Env: ['A=b'],
    Cmd: ['sh', '-l'],
    WorkingDir: '/srv',
    Labels: { x: 'y' },
  })
  assert.equal(image.History.at(-1).comment, 'a comment')
  const name = `oci:${root}/store:docker.io/library/first:v1`
  const [config, manifest] = [await inspectWithSkopeo(name, '--config'), await inspectWithSkopeo(name, '--raw')]
  assert.deepEqual(image.Config, config.config)
  assert.deepEqual(schemaFor('image-config')(config), [])
  assert.deepEqual(schemaFor('image-manifest')(manifest), [])
  assert.deepEqual(schemaFor('image-index')(JSON.parse(readFileSync(`${root}/store/index.json`, 'utf8'))), [])
  assert.deepEqual(schemaFor('image-layout')(JSON.parse(readFileSync(`${root}/store/oci-layout`, 'utf8'))), [])
  assert.equal(JSON.parse(await ok('inspect', id, 'first:v1', id.slice(7, 17))).length, 3)
  const some = await run('inspect', 'first:v1', 'nothing')
  assert.deepEqual([some.code, JSON.parse(some.stdout).length], [1, 1])
  assert.match(some.stderr, /^gocker: finding nothing: there is none, /)
})

test('import takes a tarball plain, gzip or zstd, from a file or stdin; all give one layer', async (t) => {
  const { root, ok, load } = inStore(t)
  const file = join(temporaryDirectory(t), 'rootfs.tar.zst')
  writeFileSync(file, zstdCompressSync(SMALL))
  await ok('import', file, 'from-file')
  await load('plain')
  await load('gzip', gzipSync(SMALL))
  for (const name of ['from-file', 'plain', 'gzip']) {
    const [image] = JSON.parse(await ok('inspect', name))
    assert.equal(image.RootFS.Layers.length, 1)
    assert.equal(readFileSync(join(await layerFiles(t, root, image.RootFS.Layers[0]), 'etc/motd'), 'utf8'), 'hello\n')
  }
  assert.equal((await storeContents(root)).layers.length, 1)
})

test('what cannot be imported is refused in one line, and leaves nothing', async (t) => {
  const { root, run } = inStore(t)
  const watch = leaks(root)
  const from = (input: Uint8Array, ...words: string[]) => gocker(['import', ...words], { root, input })
  failedWith(await from(Buffer.from('this is no archive\n'.repeat(100)), '-', 'x'), /import/)
  failedWith(await from(execFileSync('xz', { input: SMALL }), '-', 'x'), /xz/)
  failedWith(await from(SMALL.subarray(0, 1500), '-', 'x'), /import/)
  failedWith(await from(gzipSync(SMALL).subarray(0, 100), '-', 'x'), /import/)
  failedWith(await from(SMALL, '-', 'X'), /lower case/)
  failedWith(await from(SMALL, '-c', 'COPY a b', '-', 'x'), /COPY/)
  failedWith(await from(SMALL, '--platform', 'a/b/c/d', '-', 'x'), /a\/b\/c\/d/)
  failedWith(await run('import', '/no/such/file', 'x'), /\/no\/such\/file/)
  failedWith(await run('import', '/', 'x'), /directory/)
  assert.deepEqual(await storeContents(root), NOTHING)
  await watch.assertNone()
})

test('export writes an image, or what a container has made of it, as a tar', async (t) => {
  const { root, load, ok, run } = inStore(t)
  await load('base', busyboxRootfs(), '-c', 'ENV PATH=/bin')
  await ok('run', '--name', 'changed', 'base', 'sh', '-c', 'echo new > /etc/motd; rm /etc/os-release; mknod /tmp/fifo p')
  const image = await gocker(['export', 'base'], { root })
  const list = (tar: Uint8Array) => execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trimEnd().split('\n')
  const [before, after] = [list(image.stdoutBytes), list((await gocker(['export', 'changed'], { root })).stdoutBytes)]
  const path = (name: string) => name.replace(/^\.\//, '')
  assert.deepEqual(before.filter((name) => !after.includes(name)).map(path), ['etc/os-release'])
  const made = after.filter((name) => !before.includes(name)).map(path)
  assert.ok(made.includes('etc/motd') && made.includes('tmp/fifo'), String(made))
  const file = join(temporaryDirectory(t), 'out.tar')
  assert.equal(await ok('export', '-o', file, 'base'), '')
  assert.ok(readFileSync(file).equals(image.stdoutBytes))
  failedWith(await run('export', 'nothing'), /finding image nothing: there is none/)
  failedWith(await run('export', '-o', '/no/such/directory/x', 'base'), /\/no\/such\/directory/)
  await ok('import', file, 'again')
  assert.equal(
    await ok('run', '--rm', '-e', 'PATH=/bin', 'again', 'cat', '/etc/os-release'),
    await ok('run', '--rm', 'base', 'cat', '/etc/os-release'),
  )
})

test('system prune takes what nothing uses, with --all also images that no container uses', async (t) => {
  const { root, load, ok } = inStore(t)
  await load('base', busyboxRootfs(), '-c', 'ENV PATH=/bin')
  await load('other')
  await load('other', buildTar([{ name: 'newer' }]))
  await ok('run', '--name', 'stopped', 'base', 'true')
  const pruned = await ok('system', 'prune')
  assert.match(pruned, /stopped|container/)
  assert.equal(await ok('ps', '-aq'), '')
  assert.deepEqual(names(await ok('images')), ['base latest', 'other latest'])
  await ok('system', 'prune', '--all')
  assert.deepEqual(await storeContents(root), NOTHING)
  assert.equal(existsSync(join(root, 'store/containers')) && readdirSync(join(root, 'store/containers')).length > 0, false)
  assert.equal(await ok('system', 'prune', '-a'), '')
})
