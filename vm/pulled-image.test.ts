import assert from 'node:assert/strict'
import { machine } from 'node:os'
import { after, test } from 'node:test'
import { busyboxImage, startRegistry } from '@gocker/testkit'
import { runFixture, succeeded } from '../test/support/running.ts'

const registry = await startRegistry()
after(() => registry.stop())
const { gocker, output, run } = runFixture()
const image = await busyboxImage(registry.host)

test("an image of this machine's processor is pulled and run", async () => {
  succeeded(await gocker(['pull', image]))
  assert.equal(await output([image, 'uname', '-m']), `${machine()}\n`)
})

test('seccomp knows the numbers of this processor', async () => {
  assert.equal(await output([image, 'grep', 'Seccomp:', '/proc/self/status']), 'Seccomp:\t2\n')
  const refused = await run([image, 'unshare', '-m', 'true'])
  assert.match(refused.stderr, /unshare.*Operation not permitted/)
  assert.equal((await run(['--security-opt', 'seccomp=unconfined', '--cap-add', 'SYS_ADMIN', image, 'unshare', '-m', 'true'])).code, 0)
})

test('a container in the background is joined and stopped', async () => {
  const id = succeeded(await gocker(['run', '-d', image, 'sleep', '1000'])).stdout.trim()
  try {
    assert.equal(succeeded(await gocker(['exec', id, 'uname', '-m'])).stdout, `${machine()}\n`)
    succeeded(await gocker(['stop', '-t', '0', id]))
  } finally {
    await gocker(['rm', '-f', id])
  }
})
