import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apparmorProfile, readProfiles } from './apparmor.ts'

const PROFILES = readProfiles('docker-default (enforce)\n/usr/bin/man (enforce)\nmine (complain)\nfirefox//lsb_release (kill)\n')

test('profiles are told line by line, with their modes', () => {
  assert.deepEqual([...PROFILES], ['docker-default', '/usr/bin/man', 'mine', 'firefox//lsb_release'])
  assert.deepEqual([...readProfiles('')], [])
})

test("docker's profile confines where it is loaded, and another one where it was asked for", () => {
  const chosen = (apparmor: string | undefined, privileged = false, loaded: ReadonlySet<string> = PROFILES) =>
    apparmorProfile({ apparmor, privileged }, loaded)
  assert.equal(chosen(undefined), 'docker-default')
  assert.equal(chosen(undefined, true), undefined)
  assert.equal(chosen(undefined, false, new Set(['mine'])), undefined)
  assert.equal(chosen('mine'), 'mine')
  assert.equal(chosen('mine', true), 'mine')
  assert.equal(chosen('unconfined'), undefined)
})

test('a profile that is not there is not passed over', () => {
  const asked = { apparmor: 'nosuch', privileged: false }
  assert.throws(() => apparmorProfile(asked, PROFILES), { code: 'UNSUPPORTED', message: /nosuch: the kernel has no such profile/ })
})
