import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { copyRange, SEEK, seek } from './file-data.ts'

test('bytes are copied from where the descriptors stand', (t) => {
  const directory = temporaryDirectory(t)
  const from = openSync(join(directory, 'from'), 'w+')
  const to = openSync(join(directory, 'to'), 'w+')
  writeSync(from, 'abcdef')
  seek(from, 2, SEEK.SET)
  assert.equal(copyRange(from, to, 100), 4)
  assert.equal(copyRange(from, to, 100), 0)
  assert.equal(readFileSync(join(directory, 'to'), 'utf8'), 'cdef')
  closeSync(from)
  closeSync(to)
  assert.throws(() => copyRange(from, to, 1), { code: 'EBADF', syscall: 'copy_file_range' })
})

test('the holes of a sparse file are found', (t) => {
  const fd = openSync(join(temporaryDirectory(t), 'sparse'), 'w+')
  const [first, size] = [1 << 20, 1 << 30]
  writeSync(fd, Buffer.alloc(4096, 1), 0, 4096, first)
  ftruncateSync(fd, size)
  assert.equal(seek(fd, 0, SEEK.DATA), first)
  assert.equal(seek(fd, first, SEEK.HOLE), first + 4096)
  assert.equal(seek(fd, first + 4096, SEEK.DATA), undefined)
  assert.equal(seek(fd, size, SEEK.HOLE), undefined)
  assert.equal(seek(fd, 0, SEEK.END), size)
  assert.equal(seek(fd, -1, SEEK.CUR), size - 1)
  assert.throws(() => seek(fd, -1, SEEK.SET), { code: 'EINVAL' })
  closeSync(fd)
})
