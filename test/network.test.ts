import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ADDRESSES, networkFixture, until } from './support/networking.ts'
import { refused } from './support/running.ts'

const { root, gocker, output, start, serve, removed, network, ask, isSilent, inside } = networkFixture()

interface Endpoint {
  readonly network: string
  readonly address: string
  readonly address6?: string
  readonly mac: string
  readonly gateway: string
}

interface NetworkState {
  readonly bridges: Readonly<Record<string, string>>
  readonly members: Readonly<Record<string, { readonly name: string; readonly endpoints: readonly Endpoint[] }>>
}

function state(): NetworkState {
  const file = join(root, 'run', 'networks', 'state.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { bridges: {}, members: {} }
}

function endpoints(id: string): Endpoint[] {
  return (state().members[id]?.endpoints ?? []).map((endpoint) => ({ ...endpoint, address: endpoint.address.replace(/\/.*/, '') }))
}

function address(id: string): string {
  return endpoints(id)[0]?.address ?? assert.fail(`${id} has no address`)
}

function address6(id: string): string {
  return endpoints(id)[0]?.address6?.replace(/\/.*/, '') ?? assert.fail(`${id} has no IPv6 address`)
}

const sh = (script: string) => ['debian', 'sh', '-c', script]

test('a container is on the default bridge, and reaches the world by the address of the machine', async (t) => {
  const id = await serve(t, 'one')
  const [{ mac = '', gateway = '' } = {}] = endpoints(id)
  const shown = await output(['exec', 'one', 'sh', '-c', 'ip -o -4 addr show eth0; ip link show eth0; ip route'])
  assert.ok(shown.includes(`inet ${address(id)}/`) && shown.includes(mac) && shown.includes(`default via ${gateway} dev eth0`), shown)
  assert.match(mac, /^02:42:/)
  assert.equal(await ask('one', ADDRESSES.world), `world ${ADDRESSES.machine}`)
  assert.equal(await ask('one', ADDRESSES.world, 7000, 'udp'), `world ${ADDRESSES.machine}`)
  assert.equal(await ask('machine', address(id)), `one ${gateway}`)
  assert.equal(await isSilent('world', address(id)), true)
})

test('--network none has loopback alone, host is the host', async () => {
  assert.equal(await output(['run', '--rm', '--network', 'none', ...sh('ls /sys/class/net; wc -l < /proc/net/route')]), 'lo\n1\n')
  assert.match(await output(['run', '--rm', '--network', 'host', ...sh('ip -br link')]), /^uplink/m)
})

test('containers on a network find each other by name, short id and alias, by both versions of IP', async (t) => {
  await network(t, 'back', '--ipv6')
  const db = await serve(t, 'db', '--network', 'back', '--network-alias', 'store')
  const web = await serve(t, 'web', '--network', 'name=back,alias=front')
  for (const [from, other, names] of [
    ['web', db, `db ${db.slice(0, 12)} store`],
    ['db', web, `web ${web.slice(0, 12)} front`],
  ] as const) {
    const found = await output(['exec', from, 'sh', '-c', `for name in ${names}; do getent ahosts $name | cut -d " " -f 1 | sort -u; done`])
    const each = [address(other), address6(other)].sort().join('\n')
    assert.equal(found, `${each}\n`.repeat(3))
  }
  assert.equal(await ask('web', address(db)), `db ${address(web)}`)
  assert.equal(await ask('web', address6(db)), `db ${address6(web)}`)
  assert.equal(await ask('web', ADDRESSES.world6), `world ${ADDRESSES.machine6}`)
  await output(['rm', '-f', 'db'])
  await output(['rename', 'web', 'site'])
  const hosts = await output(['exec', 'site', 'cat', '/etc/hosts'])
  assert.doesNotMatch(hosts, new RegExp(`${db.slice(0, 12)}|\\tweb `))
  assert.match(hosts, /\tsite /)
  await output(['rm', '-f', 'site'])
})

test('networks do not see each other; an internal one does not see the world', async (t) => {
  await network(t, 'left')
  await network(t, 'right')
  await network(t, 'vault', '--internal')
  const [left, right] = [await serve(t, 'inleft', '--network', 'left'), await serve(t, 'inright', '--network', 'right')]
  await serve(t, 'invault', '--network', 'vault')
  const other = await serve(t, 'othervault', '--network', 'vault')
  assert.equal(await isSilent('inleft', address(right)), true)
  assert.equal(await isSilent('inright', address(left)), true)
  assert.equal(await isSilent('invault', address(left)), true)
  assert.equal(await ask('invault', ADDRESSES.world), undefined)
  assert.match((await ask('invault', address(other))) ?? '', /^othervault /)
  refused(await gocker(['run', '--rm', '--network', 'vault', '-p', '80', 'debian', 'true']), 125, /internal networks only/)
})

test("a container can use another's network, and not publish ports or name itself there", async (t) => {
  const id = await serve(t, 'owner')
  const shared = ['run', '--rm', '--network', 'container:owner']
  const shown = await output([...shared, ...sh('hostname; ip -o -4 addr show eth0; cat /etc/hosts')])
  assert.ok(shown.startsWith(`${id.slice(0, 12)}\n`) && shown.includes(`inet ${address(id)}/`) && shown.includes(`${address(id)}\t`), shown)
  refused(await gocker([...shared, '-p', '80', 'debian', 'true']), 125, /publishing ports with --network container:owner/)
  refused(await gocker([...shared, '-h', 'me', 'debian', 'true']), 125, /setting a hostname with --network container:owner/)
  refused(await gocker(['run', '--rm', '--network', 'container:nobody', 'debian', 'true']), 125, /nobody: there is none/)
  await output(['stop', '-t', '1', 'owner'])
  refused(await gocker([...shared, 'debian', 'true']), 125, /the network of container owner: it is not running/)
})

test('a running container is put on a network and taken off again, and remembers', async (t) => {
  await network(t, 'more', '--ipv6')
  const other = await serve(t, 'there', '--network', 'more')
  const id = await serve(t, 'mover')
  await output(['network', 'connect', '--alias', 'moved', 'more', 'mover'])
  assert.deepEqual(
    endpoints(id).map(({ network: name }) => name),
    ['bridge', 'more'],
  )
  const own = endpoints(id)[1]?.address
  assert.equal(await ask('mover', address(other)), `there ${own}`)
  assert.match(await output(['exec', 'there', 'getent', 'hosts', 'moved']), /moved/)
  refused(await gocker(['network', 'connect', 'more', 'mover']), 125, /it is on it already/)
  await output(['restart', '-t', '1', 'mover'])
  assert.equal(endpoints(id).length, 2)
  await output(['network', 'disconnect', 'bridge', 'mover'])
  assert.equal(
    await output(['exec', 'mover', 'sh', '-c', 'ls /sys/class/net; ip route show default']).then(firstGateway),
    endpoints(id)[0]?.gateway,
  )
  assert.equal(await ask('mover', ADDRESSES.world), `world ${ADDRESSES.machine}`)
  await output(['network', 'disconnect', 'more', 'mover'])
  assert.equal(await inside('mover', 'ip', '-br', 'link').then((links) => links.includes('eth')), false)
  assert.equal((await gocker(['exec', 'there', 'getent', 'hosts', 'moved'])).code, 2)
})

test('networks are listed and inspected, are not removed while they are used, and pruned when they are not', async (t) => {
  await network(
    t,
    'used',
    '--subnet',
    '172.31.7.0/24',
    '--ip-range',
    '172.31.7.128/25',
    '--label',
    'team=a',
    '--opt',
    'com.docker.network.bridge.name=gkused',
  )
  const id = await serve(t, 'user', '--network', 'used')
  assert.match(address(id), /^172\.31\.7\.1(2[89]|[3-9]\d)$/)
  assert.match(await inside('machine', 'ip', '-br', 'addr', 'show', 'gkused'), /172\.31\.7\.1\/24/)
  assert.match(await inside('machine', 'bridge', 'link'), /master gkused/)
  assert.match(
    await output(['network', 'ls', '-f', 'type=custom']),
    /^NETWORK ID +NAME +DRIVER +SCOPE\n[0-9a-f]{12} +used +bridge +local\n$/,
  )
  const [{ IPAM, Containers, Labels }] = JSON.parse(await output(['network', 'inspect', 'used']))
  assert.deepEqual(IPAM.Config, [{ Subnet: '172.31.7.0/24', Gateway: '172.31.7.1', IPRange: '172.31.7.128/25' }])
  assert.deepEqual([Labels, Containers[id].Name, Containers[id].IPv4Address], [{ team: 'a' }, 'user', `${address(id)}/24`])
  const kept = await gocker(['network', 'rm', 'used'])
  assert.deepEqual([kept.code, kept.stdout], [1, ''])
  assert.match(kept.stderr, /removing network used: it is used by user/)
  assert.equal(await output(['network', 'prune']), '')
  await output(['rm', '-f', 'user'])
  assert.equal(await output(['network', 'prune', '--filter', 'label=team=b']), '')
  assert.equal(await output(['network', 'prune']), 'used\n')
  assert.doesNotMatch(await inside('machine', 'ip', '-br', 'link'), /gkused|gocker0/)
  assert.doesNotMatch(await inside('machine', 'nft', 'list', 'ruleset'), /gkused|gocker0/)
})

test('what cannot be had of a network is refused', async (t) => {
  await network(t, 'fixed', '--subnet', '172.31.8.0/24')
  const id = await serve(t, 'five', '--network', 'fixed', '--ip', '172.31.8.5', '--mac-address', '02:00:00:00:00:05')
  assert.deepEqual([endpoints(id)[0]?.address, endpoints(id)[0]?.mac], ['172.31.8.5', '02:00:00:00:00:05'])
  const run = (...flags: string[]) => gocker(['run', '--rm', ...flags, 'debian', 'true'])
  const create = (...flags: string[]) => gocker(['network', 'create', ...flags])
  refused(await run('--network', 'fixed', '--ip', '172.31.8.5'), 125, /172\.31\.8\.5: container five has it/)
  refused(await run('--ip', '172.20.0.9'), 125, /chosen by gocker/)
  refused(await run('--network-alias', 'me'), 125, /default network do not find each other/)
  refused(await run('--link', 'db'), 125, /there are no links/)
  refused(await run('--network', 'nowhere'), 125, /finding network nowhere: there is none/)
  refused(await run('--network', 'host', '-p', '80:80'), 125, /publishing ports with --network host/)
  refused(await create('fixed'), 125, /one of this name already/)
  refused(await create('--subnet', '172.31.8.128/25', 'more'), 125, /overlaps that of network fixed/)
  refused(await create('--subnet', '192.0.2.128/25', 'more'), 125, /overlaps a route of this machine/)
  const removed = await gocker(['network', 'rm', 'bridge'])
  assert.match(removed.stderr, /it is the default one/)
})

test('twenty that start at once get twenty addresses, and give them back', async (t) => {
  const names = Array.from({ length: 20 }, (_, number) => `many${number}`)
  removed(t, ...names)
  const ids = (await Promise.all(names.map((name) => output(['run', '-d', '--name', name, 'debian', 'sleep', '1000'])))).map((text) =>
    text.trim(),
  )
  assert.equal(new Set(ids.map(address)).size, 20)
  await output(['rm', '-f', ...names])
  assert.deepEqual(ids.flatMap(endpoints), [])
  await until(async () => onlyUplink(await inside('machine', 'ip', '-br', 'link')))
})

test('an address is free again when gocker is killed, and when the run directory is gone', async (t) => {
  await network(t, 'brief', '--subnet', '172.31.9.0/29')
  const flags = ['--network', 'brief', '--ip', '172.31.9.3', '--network-alias', 'gone']
  await serve(t, 'witness', '--network', 'brief')
  removed(t, 'killed', 'next')
  const killed = start(['run', '--rm', '--name', 'killed', ...flags, 'debian', 'sleep', '1000'])
  await until(
    () => Object.values(state().members).some(({ name }) => name === 'killed') && existsSync(join(root, 'store', 'names', 'killed')),
  )
  await until(async () => (await output(['ps', '-q', '-f', 'name=killed'])) !== '')
  killed.child.kill('SIGKILL')
  await killed.result
  const next = (await output(['run', '-d', '--name', 'next', ...flags, 'debian', 'sleep', '1000'])).trim()
  assert.equal(address(next), '172.31.9.3')
  assert.doesNotMatch(await output(['exec', 'witness', 'cat', '/etc/hosts']), /killed/)
  rmSync(join(root, 'run', 'networks'), { recursive: true })
  await output(['rm', '-f', 'next', 'witness'])
  assert.equal(await output(['run', '--rm', ...flags, ...sh('ip -o -4 addr show eth0 | grep -c 172.31.9.3')]), '1\n')
})

test('resolvers are the ones that are reached from there', async () => {
  const text = await output([
    'run',
    '--rm',
    '--dns',
    '192.0.2.53',
    '--dns-search',
    'a.example',
    '--dns-option',
    'ndots:2',
    'debian',
    'cat',
    '/etc/resolv.conf',
  ])
  assert.equal(text, 'nameserver 192.0.2.53\nsearch a.example\noptions ndots:2\n')
  const hosts = await output(['run', '--rm', '--add-host', 'me:host-gateway', ...sh('getent hosts me; ip route')])
  const [, gateway] = /^([\d.]+) +me\n/.exec(hosts) ?? []
  assert.ok(gateway !== undefined && hosts.includes(`default via ${gateway} `), hosts)
})

test('where forwarding cannot be switched on, the error says so', async () => {
  const script =
    'mount -t proc proc /proc; echo 0 > /proc/sys/net/ipv4/ip_forward; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; exec "$@"'
  const result = await start(['run', '--rm', 'debian', 'true'], { within: ['unshare', '--net', '--mount', 'sh', '-c', script, 'sh'] })
    .result
  refused(result, 125, /\/proc\/sys\/net\/ipv4\/ip_forward to 1: EROFS/)
})

function firstGateway(text: string): string | undefined {
  return /default via ([\d.]+)/.exec(text)?.[1]
}

function onlyUplink(links: string): boolean {
  return links
    .split('\n')
    .filter((line) => line.includes('@if'))
    .every((line) => line.startsWith('uplink'))
}
