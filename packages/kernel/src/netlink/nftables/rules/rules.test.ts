import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TABLE } from '../../testing/gateway.ts'
import { makeNamespace } from '../../testing/namespaces.ts'
import { commitChanges } from '../commit-changes.ts'
import { addRule, type Rule } from '../rules.ts'
import { admitPublished } from './admit-published.ts'
import { gatewayTable } from './gateway-table.ts'
import { isolateBridge } from './isolate-bridge.ts'
import { masqueradeSubnet } from './masquerade-subnet.ts'
import { publishPort } from './publish-port.ts'

const bridge = 'gk0'
const port = { hostPort: 8080, containerAddress: '10.88.0.2', containerPort: 80 } as const

// As nft words them.
const WORDINGS: readonly [rules: Rule[], chain: string, lines: string[]][] = [
  [masqueradeSubnet({ bridge, subnet: '10.88.0.0/20' }), 'postrouting', ['ip saddr 10.88.0.0/20 oifname != "gk0" masquerade']],
  [masqueradeSubnet({ bridge, subnet: '10.88.3.4/24' }), 'postrouting', ['ip saddr 10.88.3.0/24 oifname != "gk0" masquerade']],
  [masqueradeSubnet({ bridge, subnet: 'fd88::/63' }), 'postrouting', ['ip6 saddr fd88::/63 oifname != "gk0" masquerade']],
  [
    isolateBridge({ bridge, internal: true }),
    'forward',
    [
      'iifname "gk0" oifname != "gk0" drop',
      'oifname "gk0" ct state established,related accept',
      'oifname "gk0" iifname "gk0" accept',
      'oifname "gk0" ct status dnat accept',
      'oifname "gk0" drop',
    ],
  ],
  [admitPublished({ bridge, subnet: '10.88.0.0/24' }), 'guard', ['iifname "gk0" ip daddr 127.0.0.0/8 drop']],
  [
    publishPort({ ...port, protocol: 'tcp', comment: 'c1' }),
    'output',
    ['meta nfproto ipv4 fib daddr type local tcp dport 8080 dnat ip to 10.88.0.2:80 comment "c1"'],
  ],
  [
    publishPort({ ...port, protocol: 'udp', hostAddress: '192.0.2.1' }),
    'prerouting',
    ['ip daddr 192.0.2.1 udp dport 8080 dnat ip to 10.88.0.2:80'],
  ],
  [
    publishPort({ ...port, protocol: 'sctp', containerAddress: 'fd88::2', hostAddress: '::1' }),
    'output',
    ['ip6 daddr ::1 sctp dport 8080 dnat ip6 to [fd88::2]:80'],
  ],
]

test('rules read as nft has them', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('netfilter')
  commitChanges(socket, gatewayTable(TABLE))
  for (const [rules, chain, lines] of WORDINGS) {
    const changes = rules.map((rule) => addRule(TABLE, rule))
    commitChanges(socket, changes)
    const shown = namespace.run('nft', 'list', 'chain', TABLE.family, TABLE.name, chain).split('\n').slice(3, -3)
    assert.deepEqual(
      shown.map((line) => line.trim()),
      lines,
    )
    namespace.run('nft', 'flush', 'table', TABLE.family, TABLE.name)
  }
})

test('what no rule can say is refused', () => {
  assert.throws(() => publishPort({ ...port, protocol: 'tcp', hostAddress: '::1' }), { code: 'EINVAL' })
  assert.throws(() => publishPort({ ...port, protocol: 'tcp', containerAddress: 'web' }), { code: 'EINVAL' })
  assert.throws(() => isolateBridge({ bridge: 'x'.repeat(16) }), { code: 'EINVAL' })
  assert.throws(() => isolateBridge({ bridge: '' }), { code: 'EINVAL' })
  assert.throws(() => masqueradeSubnet({ bridge, subnet: '10.88.0.0/33' }), { code: 'EINVAL' })
})
