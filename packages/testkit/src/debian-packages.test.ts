import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { DEBIAN_PACKAGES, missingPackages } from './debian-packages.ts'

test('what shows a package belongs to it', () => {
  for (const { name, shows } of DEBIAN_PACKAGES) {
    const files = execFileSync('dpkg', ['-L', name], { encoding: 'utf8' }).split('\n')
    assert.ok(
      files.some((file) => file === shows || file === `/usr${shows}` || file.endsWith(`bin/${shows}`)),
      `${name} has no ${shows}`,
    )
  }
})

test('a package that is not there is named', () => {
  const there = { name: 'coreutils', shows: 'ls', why: '' }
  const missing = [
    { name: 'a', shows: 'gocker-no-such-command', why: '' },
    { name: 'b', shows: '/no/such/file', why: '' },
  ]
  assert.deepEqual(missingPackages([there, ...missing]), missing)
})
