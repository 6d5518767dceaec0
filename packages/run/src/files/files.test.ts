import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostsFile } from './hosts.ts'
import { type ResolvConfInput, resolvConfFile } from './resolv-conf.ts'

const input: ResolvConfInput = {
  host: '# by hand\nnameserver 10.0.0.53\nsearch a.example b.example\noptions ndots:2\n',
  resolved: () => 'nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch corp.example\n',
  sharesLoopback: false,
  isBridged: false,
  servers: [],
  search: [],
  options: [],
}

const stub = 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch corp.example\n'

const cases: readonly (readonly [what: string, changes: Partial<ResolvConfInput>, expected: string])[] = [
  ["the host's", {}, 'nameserver 10.0.0.53\nsearch a.example b.example\noptions ndots:2\n'],
  ["systemd-resolved's behind its stub", { host: stub }, 'nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch corp.example\n'],
  ['the stub, where the loopback is the same', { host: stub, sharesLoopback: true }, stub],
  ['only what can be reached', { host: 'nameserver ::1\nnameserver 10.1.1.1\n' }, 'nameserver 10.1.1.1\n'],
  ['nothing, where there is nothing', { host: '' }, ''],
  [
    'public ones, where there is nothing but a way to the world',
    { host: 'nameserver 127.0.0.1\nsearch a.example\n', resolved: () => '', isBridged: true },
    '# The host names no resolver that is reached from here: these are public ones.\nnameserver 8.8.8.8\nnameserver 1.1.1.1\n',
  ],
  ['servers', { servers: ['1.1.1.1'] }, 'nameserver 1.1.1.1\nsearch a.example b.example\noptions ndots:2\n'],
  ['search', { search: ['x.example'] }, 'nameserver 10.0.0.53\nsearch x.example\noptions ndots:2\n'],
  ['no search', { search: ['.'] }, 'nameserver 10.0.0.53\noptions ndots:2\n'],
  ['options', { options: ['rotate'], sharesLoopback: true }, 'nameserver 10.0.0.53\nsearch a.example b.example\noptions rotate\n'],
  ['a domain as search', { host: 'domain d.example\n' }, 'search d.example\n'],
]

for (const [what, changes, expected] of cases)
  test(`resolv.conf has ${what}`, () => assert.equal(resolvConfFile({ ...input, ...changes }), expected))

test('hosts has loopback and what was added', () => {
  const text = hostsFile({
    host: undefined,
    entries: [
      { name: 'db', address: '10.0.0.2' },
      { name: 'me', address: 'host-gateway' },
    ],
    gateway: '10.0.0.1',
  })
  assert.match(text, /^127\.0\.0\.1\tlocalhost\n::1\tlocalhost /)
  assert.ok(text.endsWith('10.0.0.2\tdb\n10.0.0.1\tme\n'))
})

test("hosts is the host's, where the network is", () => {
  assert.equal(hostsFile({ host: '127.0.0.1 here\n\n', entries: [], gateway: undefined }), '127.0.0.1 here\n')
})
