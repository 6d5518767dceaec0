import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { CAPABILITIES, DEFAULT_CAPABILITIES, lastCapability, parseCapability } from './names.ts'

test("the bits are the kernel's, as capsh names them", () => {
  for (const [name, bit] of Object.entries(CAPABILITIES)) {
    const decoded = execFileSync('capsh', [`--decode=${(1n << BigInt(bit)).toString(16)}`], { encoding: 'utf8' })
    assert.equal(decoded.trim().split('=')[1], name.toLowerCase())
  }
})

test('names are read in every spelling', () => {
  for (const text of ['NET_ADMIN', 'CAP_NET_ADMIN', 'cap_net_admin', 'net_Admin', ' NET_ADMIN '])
    assert.equal(parseCapability(text), 'CAP_NET_ADMIN')
})

test('what is no capability is refused, ALL too', () => {
  for (const text of ['', 'CAP_', 'ALL', 'NET', 'toString', 'CAP_CAP_CHOWN'])
    assert.throws(() => parseCapability(text), {
      code: 'EINVAL',
      message: `reading capability ${JSON.stringify(text)}: no such capability`,
    })
})

test('the defaults are fourteen, and the running kernel knows them', () => {
  assert.equal(new Set(DEFAULT_CAPABILITIES).size, 14)
  assert.ok(lastCapability() >= 37)
  for (const name of DEFAULT_CAPABILITIES) assert.ok(CAPABILITIES[name] <= lastCapability())
})
