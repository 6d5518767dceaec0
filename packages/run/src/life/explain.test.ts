import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { parseVolume } from '../options/volume.ts'
import { sandbox } from '../testing/sandbox.ts'
import { explain } from './explain.ts'

test('a program is explained, and nothing is made', async (t) => {
  const { store, layer, dir } = await sandbox(t)
  const before = readdirSync(store.paths.root)
  const mounts = [parseVolume(`${dir}/missing:/v`), parseVolume('named:/n')]
  const text = await explain({ store, rootfs: { lowers: [layer], config: {} }, command: ['sh', '-c', 'true'], mounts, user: 'alice' })
  assert.match(text, /^This is how container example would run: sh -c true\n/)
  assert.match(text, /make the first process of the container +clone\(2\)\n.*\n? +CLONE_NEWNS\|/)
  assert.match(text, /make it the root, the old one over it +pivot_root\(2\)/)
  assert.match(text, /be user 1000 +setresuid\(2\)/)
  assert.match(text, /seccomp: the system calls that a container needs/)
  assert.match(text, /execute \/bin\/sh +execve\(2\)\n +tried = execve\(\s+"\/bin\/sh"/)
  assert.deepEqual(readdirSync(store.paths.root), before)
  assert.deepEqual([readdirSync(store.paths.containers), readdirSync(store.paths.volumes)], [[], []])
  assert.equal(readdirSync(dir).includes('missing'), false)
})

test('the monitor of a container in the background is explained, too', async (t) => {
  const { store, layer } = await sandbox(t)
  const caller = { command: ['/usr/bin/gocker'], env: [] }
  const text = await explain({ store, rootfs: { lowers: [layer], config: {} }, command: ['true'], log: { maxSize: 1000 } }, { caller })
  assert.match(text, /wait for output, a signal, or gocker +ppoll\(2\)/)
  assert.match(text, /append it to the log +writev\(2\)/)
  assert.match(text, /let the clean-up take the place of the monitor +execve\(2\)\s+execve\([^)]*"container",\s+"cleanup"/)
})
