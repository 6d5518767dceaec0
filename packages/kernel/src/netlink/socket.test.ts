import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { inNetworkNamespace } from './namespace.ts'
import { getLink, listLinks } from './route/link.ts'
import { openNetlink } from './socket.ts'
import { makeNamespace } from './testing/namespaces.ts'

const OWN = '/proc/thread-self/ns/net'

test('the thread is in the namespace for as long as the work takes', async (t) => {
  const { path } = await makeNamespace(t, 'elsewhere')
  const home = readlinkSync(OWN)
  assert.equal(
    inNetworkNamespace(path, () => readlinkSync(OWN)),
    readlinkSync(path),
  )
  assert.equal(readlinkSync(OWN), home)
  assert.notEqual(readlinkSync(path), home)
})

test('a descriptor of the namespace serves as well, and stays open', async (t) => {
  const { path } = await makeNamespace(t, 'elsewhere')
  const descriptor = openSync(path, 'r')
  t.after(() => closeSync(descriptor))
  for (let round = 0; round < 2; round++)
    assert.equal(
      inNetworkNamespace(descriptor, () => readlinkSync(OWN)),
      readlinkSync(path),
    )
})

test('settings of the namespace are written there', async (t) => {
  const namespace = await makeNamespace(t, 'elsewhere')
  const setting = '/proc/sys/net/ipv4/ip_default_ttl'
  const before = readFileSync(setting, 'utf8')
  inNetworkNamespace(namespace.path, () => writeFileSync(setting, '77'))
  assert.equal(namespace.run('cat', setting), '77\n')
  assert.equal(readFileSync(setting, 'utf8'), before)
})

test('whatever happens, the thread comes back and nothing stays open', async (t) => {
  const { path } = await makeNamespace(t, 'elsewhere')
  const home = readlinkSync(OWN)
  const before = readdirSync('/proc/self/fd').length
  const failing = (): never => {
    throw new RangeError('of the work')
  }
  assert.throws(() => inNetworkNamespace(path, failing), RangeError)
  assert.throws(() => inNetworkNamespace(path, () => Promise.resolve()), { code: 'EINVAL', syscall: 'setns' })
  assert.throws(() => inNetworkNamespace('/proc/self/ns/uts', () => undefined), { code: 'EINVAL' })
  assert.throws(() => inNetworkNamespace('/nowhere', () => undefined), { code: 'ENOENT' })
  assert.throws(() => openNetlink({ protocol: 'route', namespace: '/proc/self/ns/uts' }), { code: 'EINVAL' })
  assert.equal(readlinkSync(OWN), home)
  assert.equal(readdirSync('/proc/self/fd').length, before)
})

test('a socket stays with the namespace in which it was opened', async (t) => {
  const namespace = await makeNamespace(t, 'elsewhere')
  const socket = namespace.open('route')
  namespace.run('ip', 'link', 'add', 'onlythere', 'type', 'bridge')
  assert.equal(getLink(socket, 'onlythere').name, 'onlythere')
  const own = openNetlink({ protocol: 'route' })
  t.after(() => own.close())
  assert.throws(() => getLink(own, 'onlythere'), { code: 'ENODEV' })
})

test('a closed socket is closed, once and twice', async () => {
  const socket = openNetlink({ protocol: 'route' })
  socket.close()
  socket.close()
  assert.throws(() => listLinks(socket), { code: 'EBADF' })
})

test('a refusal does not disturb what is asked next', async (t) => {
  const socket = (await makeNamespace(t, 'elsewhere')).open('route')
  for (let round = 0; round < 3; round++) {
    assert.throws(() => getLink(socket, 'nowhere'), { message: 'netlink getlink nowhere: ENODEV (no such device)', syscall: 'netlink' })
    assert.equal(getLink(socket, 'lo').index, 1)
  }
})
