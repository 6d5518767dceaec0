import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ADDRESSES, networkFixture, PORT, until } from './support/networking.ts'
import { refused } from './support/running.ts'

const { root, gocker, output, start, serve, removed, network, ask, inside } = networkFixture()

const PROTOCOLS = ['tcp', 'udp'] as const
const BOTH = ['-p', `8080:${PORT}`, '-p', `8080:${PORT}/udp`]

test('a published port is reached from the world, the machine, other containers and the container itself', async (t) => {
  await network(t, 'other')
  await serve(t, 'web', ...BOTH)
  await serve(t, 'neighbour')
  await serve(t, 'stranger', '--network', 'other')
  assert.deepEqual((await output(['port', 'web'])).split('\n'), [`${PORT}/tcp -> 0.0.0.0:8080`, `${PORT}/udp -> 0.0.0.0:8080`, ''])
  assert.equal(await output(['port', 'web', `${PORT}/udp`]), '0.0.0.0:8080\n')
  for (const protocol of PROTOCOLS) {
    assert.equal(await ask('world', ADDRESSES.machine, 8080, protocol), `web ${ADDRESSES.world}`)
    for (const from of ['machine', 'neighbour', 'stranger', 'web'])
      assert.match((await ask(from, ADDRESSES.machine, 8080, protocol)) ?? `${from} gets no answer by ${protocol}`, /^web /)
    assert.match((await ask('machine', '127.0.0.1', 8080, protocol)) ?? '', /^web /)
  }
  await output(['restart', '-t', '1', 'web'])
  await until(async () => (await ask('world', ADDRESSES.machine, 8080)) === `web ${ADDRESSES.world}`)
  await output(['stop', '-t', '1', 'web'])
  assert.equal(await ask('world', ADDRESSES.machine, 8080), undefined)
  assert.doesNotMatch(await inside('machine', 'nft', 'list', 'ruleset'), /8080/)
  refused(await gocker(['port', 'web', '81']), 125, /it is not published/)
})

test('on a network with IPv6 a port is published by both versions of IP', async (t) => {
  await network(t, 'six', '--ipv6')
  await serve(t, 'dual', '--network', 'six', ...BOTH)
  assert.match(await output(['port', 'dual', `${PORT}/tcp`]), /^0\.0\.0\.0:8080\n\[::\]:8080\n$/)
  for (const protocol of PROTOCOLS) {
    assert.equal(await ask('world', ADDRESSES.machine6, 8080, protocol), `dual ${ADDRESSES.world6}`)
    assert.equal(await ask('world', ADDRESSES.machine, 8080, protocol), `dual ${ADDRESSES.world}`)
    assert.match((await ask('machine', ADDRESSES.machine6, 8080, protocol)) ?? '', /^dual /)
  }
})

test('a port of one address is reached there alone', async (t) => {
  await serve(t, 'local', '-p', `127.0.0.1:8081:${PORT}`, '-p', `${ADDRESSES.machine}:8082:${PORT}`)
  assert.match((await ask('machine', '127.0.0.1', 8081)) ?? '', /^local /)
  assert.equal(await ask('world', ADDRESSES.machine, 8081), undefined)
  assert.equal(await ask('world', ADDRESSES.machine, 8082), `local ${ADDRESSES.world}`)
  assert.equal(await ask('machine', '127.0.0.1', 8082), undefined)
  refused(await gocker(['run', '--rm', '-p', '203.0.113.1:8083:80', 'debian', 'true']), 125, /203\.0\.113\.1 is no address of this machine/)
  refused(await gocker(['run', '--rm', '-p', '[::1]:8083:80', 'debian', 'true']), 125, /the container's network has no IPv6/)
})

test('ports are chosen, and taken from ranges', async (t) => {
  await serve(t, 'chosen', '-p', `${PORT}`, '-p', '8100-8102:8100-8102', '-p', '8101-8110:9000')
  const ports = Object.fromEntries(
    (await output(['port', 'chosen']))
      .trim()
      .split('\n')
      .map((line) => line.split('/tcp -> 0.0.0.0:') as [string, string]),
  )
  const { [PORT]: any, ...others } = ports
  assert.deepEqual(others, { 8100: '8100', 8101: '8101', 8102: '8102', 9000: '8103' })
  assert.equal(await ask('world', ADDRESSES.machine, Number(any)), `chosen ${ADDRESSES.world}`)
  await serve(t, 'all', '-P', '--expose', '81-82', '--expose', '53/udp')
  assert.match(await output(['port', 'all']), /^81\/tcp -> 0\.0\.0\.0:\d+\n82\/tcp -> 0\.0\.0\.0:\d+\n53\/udp -> 0\.0\.0\.0:\d+\n$/)
})

test('a port that is taken is told before anything starts, and is free as soon as its container is gone', async (t) => {
  const run = (port: string) => gocker(['run', '--rm', '-p', `${port}:80`, 'debian', 'true'])
  refused(await run(`${PORT}`), 125, /port 7000\/tcp of 0\.0\.0\.0 .*: a process of this machine has it already/)
  const owner = start(['run', '--rm', '--name', 'owner', '-p', `8200:${PORT}`, 'debian', 'sleep', '1000'])
  removed(t, 'owner', 'killed')
  const taken = () =>
    inside(
      'machine',
      'sh',
      '-c',
      'perl -MSocket -e \'socket(S,PF_INET,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1); print bind(S,sockaddr_in(8200,INADDR_ANY)) && listen(S,1) ? "free" : "taken"\'',
    )
  await until(async () => (await output(['ps', '-q', '-f', 'name=owner'])) !== '')
  assert.equal(await taken(), 'taken')
  refused(await run('8200'), 125, /port 8200\/tcp .*: container owner has it already/)
  owner.child.kill('SIGKILL')
  await owner.result
  await until(async () => (await taken()) === 'free')
  assert.equal((await run('8200')).code, 0)
  const detached = (await output(['run', '-d', '--name', 'killed', '-p', '8200:80', 'debian', 'sleep', '1000'])).trim()
  assert.equal(await taken(), 'taken')
  const { pid } = JSON.parse(readFileSync(join(root, 'run', detached, 'state.json'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await until(async () => (await taken()) === 'free')
  assert.equal((await run('8200')).code, 0)
})

test('rules that a killed gocker left are gone after a prune', async (t) => {
  const killed = start(['run', '--name', 'left', '-p', '8300:80', 'debian', 'sleep', '1000'])
  removed(t, 'left')
  await until(async () => (await output(['ps', '-q', '-f', 'name=left'])) !== '')
  killed.child.kill('SIGKILL')
  await killed.result
  assert.match(await inside('machine', 'nft', 'list', 'ruleset'), /8300/)
  await output(['network', 'prune'])
  assert.doesNotMatch(await inside('machine', 'nft', 'list', 'ruleset'), /8300/)
  await until(async () => !(await inside('machine', 'ip', '-br', 'link')).includes('gk'))
})
