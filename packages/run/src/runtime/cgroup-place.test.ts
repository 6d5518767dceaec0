import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupPlace, withDefaultDevices } from './cgroup-place.ts'

const plain = { root: '/r' }
const systemd = { root: '/r', systemdCgroup: true }

const PLACES: readonly [home: typeof plain, path: string | undefined, place: string][] = [
  [plain, undefined, '/gocker-runtime/c'],
  [plain, '/kubepods/pod/c', '/kubepods/pod/c'],
  [plain, 'relative/../c', '/c'],
  [systemd, undefined, '/system.slice/gocker-c.scope'],
  [systemd, 'machine.slice:libpod:c', '/machine.slice/libpod-c.scope'],
  [systemd, 'a-b.slice::c', '/a.slice/a-b.slice/c.scope'],
  [systemd, '-.slice:x:c', '/x-c.scope'],
]

for (const [home, path, place] of PLACES)
  test(`the cgroup ${path} ${home === systemd ? "in systemd's way " : ''}is ${place}`, () => {
    assert.equal(cgroupPlace(home, 'c', path), place)
  })

for (const path of ['/plain/path', 'a.slice:b', 'not a slice:b:c', 'a--b.slice:x:c'])
  test(`the cgroup ${path} is no name of systemd's`, () => {
    assert.throws(() => cgroupPlace(systemd, 'c', path), { code: 'INVALID_SPEC' })
  })

test('every container has the devices that all have, and nothing else unless it is asked for', () => {
  const { devices = [] } = withDefaultDevices({})
  assert.deepEqual(devices[0], { allow: false, access: 'rwm' })
  assert.ok(devices.some(({ major, minor }) => major === 1 && minor === 3))
  const asked = [{ allow: false }, { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }] as const
  assert.deepEqual(withDefaultDevices({ devices: asked }).devices?.slice(0, 2), asked)
  assert.deepEqual(withDefaultDevices({ devices: [{ allow: true, access: 'rwm' }] }).devices, [{ allow: true, access: 'rwm' }])
})
