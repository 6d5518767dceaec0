import assert from 'node:assert/strict'
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileSeccomp, DEFAULT_CAPABILITIES, defaultSeccompProfile, hostArchitecture } from '@gocker/kernel'
import { temporaryDirectory } from '@gocker/testkit'

// As the bundle's build does: it is read once.
process.env.GOCKER_BUILD = 'test'
const { seccompFilter } = await import('./seccomp-filter.ts')

const profile = defaultSeccompProfile({ capabilities: DEFAULT_CAPABILITIES, architecture: hostArchitecture() })
const compiled = compileSeccomp(profile, hostArchitecture())
const fileIn = (run: string) => join(run, 'seccomp-test', 'filter')

test('a filter is compiled once', async (t) => {
  const run = temporaryDirectory(t)
  assert.deepEqual(Buffer.from(await seccompFilter(profile, run)), compiled)
  const { ino } = statSync(fileIn(run))
  assert.deepEqual(Buffer.from(await seccompFilter(profile, run)), compiled)
  assert.equal(statSync(fileIn(run)).ino, ino)
})

test('another profile has another', async (t) => {
  const run = temporaryDirectory(t)
  await seccompFilter(profile, run)
  const other = { defaultAction: 'SCMP_ACT_ALLOW' }
  assert.deepEqual(Buffer.from(await seccompFilter(other, run)), compileSeccomp(other, hostArchitecture()))
})

const spoilt: readonly (readonly [what: string, spoil: (file: string) => void])[] = [
  ['cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, -8))],
  ['empty', (file) => writeFileSync(file, '')],
  ['changed', (file) => writeFileSync(file, readFileSync(file).fill(0, 100, 108))],
  ["somebody else's", (file) => chownSync(file, 1000, 1000)],
  ['writable by others', (file) => chmodSync(file, 0o666)],
]

for (const [what, spoil] of spoilt)
  test(`one that is ${what} is not used`, async (t) => {
    const run = temporaryDirectory(t)
    await seccompFilter(profile, run)
    spoil(fileIn(run))
    const { ino } = statSync(fileIn(run))
    assert.deepEqual(Buffer.from(await seccompFilter(profile, run)), compiled)
    assert.notEqual(statSync(fileIn(run)).ino, ino)
  })
