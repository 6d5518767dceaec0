import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { missingFor } from './emulation.ts'

const HOST = { os: 'linux', architecture: 'amd64' }
const ARM64 = { os: 'linux', architecture: 'arm64', variant: 'v8' }
/** As Debian's qemu-user-static registers it. */
const MAGIC = `7f454c460201010000000000000000000200b700`
const MASK = `ffffffffffffff00fffffffffffffffffeffffff`

function handlers(t: TestContext, { state = 'enabled', flags = 'OCF', magic = MAGIC } = {}): string {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'status'), 'enabled\n')
  const lines = [
    state,
    'interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P',
    `flags: ${flags}`,
    'offset 0',
    `magic ${magic}`,
    `mask ${MASK}`,
  ]
  writeFileSync(join(directory, 'qemu-aarch64'), `${lines.join('\n')}\n`)
  writeFileSync(join(directory, 'python'), 'enabled\ninterpreter /usr/bin/python3\nflags: \nextension .pyc\n')
  return directory
}

test('what this machine runs by itself needs nothing', (t) => {
  const options = { host: HOST, handlers: join(temporaryDirectory(t), 'none') }
  assert.equal(missingFor(HOST, options), undefined)
  assert.equal(missingFor({ os: 'linux', architecture: '386' }, options), undefined)
})

test('a handler that knows the platform by its magic is enough', (t) => {
  assert.equal(missingFor(ARM64, { host: HOST, handlers: handlers(t) }), undefined)
})

test('what is missing is named', (t) => {
  const missing = (place: string, platform = ARM64) => missingFor(platform, { host: HOST, handlers: place }) ?? ''
  assert.match(missing(join(temporaryDirectory(t), 'none')), /no handler in .*binfmt_misc is for arm64/)
  assert.match(missing(handlers(t, { state: 'disabled' })), /no handler/)
  assert.match(missing(handlers(t, { magic: MAGIC.replace('b700', 'f300') })), /no handler/)
  assert.match(missing(handlers(t, { flags: 'OC' })), /aarch64-binfmt-P\) is not loaded beforehand: it lacks the flag F/)
  assert.match(missing(handlers(t), { os: 'linux', architecture: 'vax', variant: '' }), /no emulation of vax/)
  assert.match(missing(handlers(t), { os: 'windows', architecture: 'amd64', variant: '' }), /runs linux, not windows/)
})
