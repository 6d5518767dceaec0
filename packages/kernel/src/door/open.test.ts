import assert from 'node:assert/strict'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { OPEN_FLAGS, openBeneath, openInRoot } from './open.ts'

const { O_CREAT, O_EXCL, O_PATH, O_RDONLY, O_TMPFILE, O_WRONLY } = OPEN_FLAGS

test('what leads out of the directory is refused', (t) => {
  const root = tree(t)
  for (const path of ['..', '../secret', '/etc/passwd', 'out', 'out/passwd', 'absolute', 'sub/../../secret'])
    assert.throws(() => openBeneath(root, path, O_RDONLY), { code: 'EXDEV', message: `openat2 ${path}: EXDEV (invalid cross-device link)` })
  assert.equal(read(openBeneath(root, 'sub/../sub/inner', O_RDONLY)), 'inner')
  assert.equal(read(openBeneath(root, 'near', O_RDONLY)), 'inner')
})

test('in a root, what leads out stays in', (t) => {
  const root = tree(t)
  assert.equal(read(openInRoot(root, '../../sub/inner', O_RDONLY)), 'inner')
  assert.equal(read(openInRoot(root, 'absolute', O_RDONLY)), 'inner')
  assert.throws(() => openInRoot(root, 'out/passwd', O_RDONLY), { code: 'ENOENT' })
})

test('magic links lead nowhere', (t) => {
  const proc = openSync('/proc', 'r')
  t.after(() => closeSync(proc))
  assert.throws(() => openBeneath(proc, `${process.pid}/root`, O_PATH), { code: 'ELOOP' })
  assert.throws(() => openInRoot(proc, `${process.pid}/root/etc`, O_PATH), { code: 'ELOOP' })
})

test('files are made with their mode, and only then', (t) => {
  const root = tree(t)
  const fd = openBeneath(root, 'sub/new', O_CREAT | O_EXCL | O_WRONLY, 0o640)
  writeSync(fd, 'x')
  assert.equal(fstatSync(fd).mode & 0o777, 0o640)
  closeSync(fd)
  assert.throws(() => openBeneath(root, 'sub/new', O_CREAT | O_EXCL | O_WRONLY, 0o640), { code: 'EEXIST' })
  closeSync(openBeneath(root, 'sub/new', O_RDONLY, 0o640))
  const unnamed = openBeneath(root, 'sub', O_TMPFILE | O_WRONLY, 0o600)
  assert.equal(fstatSync(unnamed).nlink, 0)
  closeSync(unnamed)
})

test('no child gets the descriptor by chance', (t) => {
  const fd = openBeneath(tree(t), 'sub', O_RDONLY)
  assert.match(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'), /flags:\s+0*2\d{6}/)
  closeSync(fd)
})

function tree(t: TestContext): number {
  const base = temporaryDirectory(t)
  const root = join(base, 'root')
  mkdirSync(join(root, 'sub'), { recursive: true })
  writeFileSync(join(base, 'secret'), 'secret')
  writeFileSync(join(root, 'sub/inner'), 'inner')
  symlinkSync('sub/inner', join(root, 'near'))
  symlinkSync('/sub/inner', join(root, 'absolute'))
  symlinkSync('/etc', join(root, 'out'))
  const fd = openSync(root, 'r')
  t.after(() => closeSync(fd))
  return fd
}

function read(fd: number): string {
  const text = readFileSync(fd, 'utf8')
  closeSync(fd)
  return text
}
