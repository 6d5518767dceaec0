import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { makeNamespace } from '../testing/namespaces.ts'
import { listAddresses } from './addresses.ts'
import { changeLink } from './change-link.ts'
import { createBridge } from './create-bridge.ts'
import { createVeth } from './create-veth.ts'
import { deleteLink } from './delete-link.ts'
import { findLink, getLink, listLinks } from './link.ts'

interface Shown {
  readonly ifname: string
  readonly address: string
  readonly mtu: number
  readonly master?: string
  readonly flags: readonly string[]
  readonly ifalias?: string
  readonly linkinfo?: {
    readonly info_kind: string
    readonly info_data: Record<string, unknown>
    readonly info_slave_data: Record<string, unknown>
  }
}

const MAC = '02:42:ac:12:00:01'
const PEER_MAC = '02:42:ac:12:00:02'

test('a bridge is there as asked, and forwards at once', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('route')
  createBridge(socket, { name: 'gk0', mac: MAC, up: true })
  const [shown] = namespace.json('ip', '-j', '-d', 'link', 'show', 'gk0') as [Shown]
  assert.equal(shown.address, MAC)
  assert.ok(shown.flags.includes('UP'))
  assert.equal(shown.linkinfo?.info_kind, 'bridge')
  assert.equal(shown.linkinfo.info_data.stp_state, 0)
  const { index: _, ...link } = getLink(socket, 'gk0')
  assert.deepEqual(link, {
    name: 'gk0',
    kind: 'bridge',
    mac: MAC,
    mtu: 1500,
    up: true,
    carrier: false,
    operational: false,
    loopback: false,
    master: undefined,
    peer: undefined,
    alias: undefined,
  })
})

test('a wire reaches into another namespace, named by a process or by a descriptor', async (t) => {
  const [machine, container] = await Promise.all([makeNamespace(t, 'machine'), makeNamespace(t, 'container')])
  const descriptor = openSync(container.path, 'r')
  t.after(() => closeSync(descriptor))
  const socket = machine.open('route')
  const inside = container.open('route')
  createBridge(socket, { name: 'gk0' })
  for (const [number, namespace] of [{ pid: container.pid }, { fd: descriptor }].entries()) {
    const peer = { name: `eth${number}`, mac: PEER_MAC, mtu: 1400, namespace }
    createVeth(socket, { name: `port${number}`, mac: MAC, mtu: 1400, master: 'gk0', up: true, peer })
    const end = getLink(socket, `port${number}`)
    const other = getLink(inside, `eth${number}`)
    assert.deepEqual([end.kind, end.mac, end.mtu, end.up, end.master], ['veth', MAC, 1400, true, getLink(socket, 'gk0').index])
    assert.deepEqual([other.kind, other.mac, other.mtu, other.up], ['veth', PEER_MAC, 1400, false])
    assert.deepEqual([end.peer, other.peer], [other.index, end.index])
  }
  changeLink(inside, 'eth0', { up: true })
  assert.ok(getLink(socket, 'port0').carrier)
  assert.ok(deleteLink(socket, 'port0'))
  assert.equal(findLink(inside, 'eth0'), undefined)
})

test('a wire of which one end cannot be is not there at all', async (t) => {
  const [machine, container] = await Promise.all([makeNamespace(t, 'machine'), makeNamespace(t, 'container')])
  const socket = machine.open('route')
  const peer = { name: 'lo', namespace: { pid: container.pid } }
  assert.throws(() => createVeth(socket, { name: 'port0', peer }), {
    message: 'netlink newlink port0: EEXIST (file exists)',
    code: 'EEXIST',
  })
  assert.throws(() => createVeth(socket, { name: 'port0', master: 'lo', peer: { name: 'eth0' } }), { syscall: 'netlink' })
  assert.deepEqual(
    listLinks(socket).map(({ name }) => name),
    ['lo'],
  )
})

test('links are changed, one thing at a time', async (t) => {
  const [machine, container] = await Promise.all([makeNamespace(t, 'machine'), makeNamespace(t, 'container')])
  const socket = machine.open('route')
  const show = (name: string): Shown => (machine.json('ip', '-j', '-d', 'link', 'show', name) as [Shown])[0]
  createBridge(socket, { name: 'gk0' })
  createVeth(socket, { name: 'port0', peer: { name: 'eth0' } })
  changeLink(socket, 'port0', { mtu: 1300, mac: MAC, alias: 'of a container' })
  assert.deepEqual([show('port0').mtu, show('port0').address, show('port0').ifalias], [1300, MAC, 'of a container'])
  assert.equal(getLink(socket, 'port0').alias, 'of a container')
  changeLink(socket, 'port0', { master: 'gk0' })
  assert.equal(show('port0').master, 'gk0')
  changeLink(socket, 'port0', { hairpin: true })
  assert.equal(show('port0').linkinfo?.info_slave_data.hairpin, true)
  changeLink(socket, 'port0', { master: null })
  assert.equal(show('port0').master, undefined)
  changeLink(socket, getLink(socket, 'port0').index, { name: 'renamed', up: true })
  assert.ok(show('renamed').flags.includes('UP'))
  changeLink(socket, 'renamed', { up: false })
  assert.ok(!show('renamed').flags.includes('UP'))
  changeLink(socket, 'gk0', { routeLocalnet: true })
  assert.equal(machine.run('cat', '/proc/sys/net/ipv4/conf/gk0/route_localnet'), '1\n')
  changeLink(socket, 'gk0', { ipv6LinkLocal: false })
  changeLink(socket, 'gk0', { up: true })
  changeLink(socket, 'renamed', { up: true, master: 'gk0' })
  changeLink(socket, 'eth0', { up: true })
  await becomes(() => getLink(socket, 'renamed').operational && getLink(socket, 'gk0').carrier)
  assert.deepEqual(listAddresses(socket, 'gk0'), [])
  assert.match(listAddresses(socket, 'eth0')[0]?.address ?? '', /^fe80::/)
  changeLink(socket, 'eth0', { namespace: { pid: container.pid }, name: 'arrived' })
  assert.equal(findLink(socket, 'eth0'), undefined)
  assert.equal(getLink(container.open('route'), 'arrived').kind, 'veth')
})

test('the loopback is brought up', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('route')
  assert.equal(namespace.ask('tcp', '127.0.0.1'), undefined)
  changeLink(socket, 'lo', { up: true })
  assert.equal(namespace.ask('tcp', '127.0.0.1'), 'machine 127.0.0.1')
  const { loopback, kind, up } = getLink(socket, 1)
  assert.deepEqual({ loopback, kind, up }, { loopback: true, kind: undefined, up: true })
})

test('what cannot be says why, in the words of the kernel', async (t) => {
  const socket = (await makeNamespace(t, 'machine')).open('route')
  createBridge(socket, { name: 'gk0' })
  assert.throws(() => createBridge(socket, { name: 'gk0' }), { message: 'netlink newlink gk0: EEXIST (file exists)', code: 'EEXIST' })
  assert.throws(() => changeLink(socket, 'nowhere', { up: true }), { code: 'ENODEV' })
  assert.throws(() => createBridge(socket, { name: 'x'.repeat(16) }), { code: 'ERANGE' })
  assert.throws(() => changeLink(socket, 'gk0', { mtu: 1 }), {
    code: 'EINVAL',
    message: /^netlink setlink gk0: EINVAL \(invalid argument\): .+/,
  })
  assert.throws(() => changeLink(socket, 'gk0', { mac: 'no' }), { code: 'EINVAL' })
  assert.equal(deleteLink(socket, 'nowhere'), false)
  assert.equal(deleteLink(socket, 999), false)
})

test('a list is whole while others make and delete links', async (t) => {
  const namespace = await makeNamespace(t, 'machine')
  const socket = namespace.open('route')
  const stable = Array.from({ length: 60 }, (_, number) => `stable${number}`)
  for (const name of stable) createBridge(socket, { name })
  const churn = 'for i in $(seq 60); do ip link add passing$i type bridge && ip link del passing$i || exit 1; done'
  const others = spawn('nsenter', [`--net=${namespace.path}`, 'sh', '-c', churn], { stdio: 'ignore' })
  const ended = once(others, 'exit')
  while (others.exitCode === null) {
    const names = listLinks(socket).map(({ name }) => name)
    assert.deepEqual(
      stable.filter((name) => !names.includes(name)),
      [],
    )
    assert.equal(new Set(names).size, names.length)
    await setImmediate()
  }
  assert.deepEqual(await ended, [0, null])
})

/** The kernel takes its time to take notice of a carrier. */
async function becomes(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !isSo(); ) {
    assert.ok(Date.now() < end, 'it never came to be so')
    await delay(10)
  }
}
