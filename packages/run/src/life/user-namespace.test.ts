import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { test } from 'node:test'
import type { RuntimeLinux } from '@gocker/oci'
import { sandbox, shell } from '../testing/sandbox.ts'

const MAPPINGS = [{ containerID: 0, hostID: 300_000, size: 65_536 }]

/** What a bundle of somebody else's may say. */
function inUserNamespace({ linux }: { linux: RuntimeLinux }): void {
  const namespaces = [...linux.namespaces, { type: 'user' }]
  // The groups that may ping by default are more than there are in it.
  Object.assign(linux, { namespaces, uidMappings: MAPPINGS, gidMappings: MAPPINGS, sysctl: {} })
}

test('root of a user namespace is somebody else outside, and has the devices of the host', async (t) => {
  const { create, store, dir, layer } = await sandbox(t)
  const container = await create({
    command: shell('id -u; cat /proc/self/uid_map; echo x > /dev/null; echo made > /made; ls -ln /made; sleep 60'),
  })
  inUserNamespace(container.spec)
  // Where others may go through.
  for (const directory of [dir, store.paths.root, store.paths.containers, store.paths.containerDir(container.id)])
    chmodSync(directory, 0o711)
  const { upper, work } = store.paths.bundle(container.id)
  for (const directory of [layer, upper, work]) execFileSync('chown', ['-R', '300000:300000', directory])
  const running = await container.start({ stdio: { stdout: 'pipe' } })
  const seen = await new Promise<string>((resolve) => {
    let text = ''
    running.stdout?.on('data', (chunk) => {
      text += chunk
      if (text.includes('/made')) resolve(text)
    })
    void running.exited.then(() => resolve(text))
  })
  running.kill('SIGKILL')
  await running.exited
  const [uid, map, file] = seen.split('\n')
  assert.equal(uid, '0')
  assert.match(map ?? '', /^\s+0\s+300000\s+65536$/)
  assert.match(file ?? '', /^-rw-r--r--\s+1 0\s+0 /)
})
