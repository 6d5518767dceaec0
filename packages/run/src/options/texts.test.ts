import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { RunError } from '../error.ts'
import { parseAddHost } from './add-host.ts'
import { splitCommas } from './comma-separated.ts'
import { parseCpus } from './cpus.ts'
import { parseDevice, parseDeviceRate } from './device.ts'
import { parseEnvFile } from './environment.ts'
import { parseLabel, parseSysctl } from './key-value.ts'
import { parseMemory, parseMemoryOrUnlimited } from './memory.ts'
import { parseMountOption } from './mount.ts'
import { parseNameServer, parseNetwork } from './network.ts'
import { parseExposedPort } from './port.ts'
import { parsePublish } from './publish.ts'
import { parseSecurity } from './security.ts'
import { parseTmpfs } from './tmpfs.ts'
import { parseUlimit, UNLIMITED } from './ulimit.ts'
import { parseUser } from './user.ts'
import { parseVolume } from './volume.ts'
import { parseVolumesFrom } from './volumes-from.ts'

type Read = (text: string) => unknown

function reads(what: string, read: Read, cases: readonly (readonly [text: string, expected: unknown])[]): void {
  for (const [text, expected] of cases) test(`${what} ${JSON.stringify(text)} is read`, () => assert.deepEqual(read(text), expected))
}

function refuses(what: string, read: Read, cases: readonly (readonly [text: string, why: RegExp])[]): void {
  for (const [text, why] of cases)
    test(`${what} ${JSON.stringify(text)} is refused`, () => {
      assert.throws(
        () => read(text),
        (error) => error instanceof RunError && error.code === 'INVALID_OPTION' && why.test(error.message) && error.exitCode === 125,
      )
    })
}

reads('memory', (text) => parseMemory(text), [
  ['512', 512],
  ['512b', 512],
  ['4k', 4096],
  ['64m', 64 * 2 ** 20],
  ['64MB', 64 * 2 ** 20],
  ['1.5g', 1.5 * 2 ** 30],
  ['2GiB', 2 ** 31],
  ['1 t', 2 ** 40],
])
refuses('memory', (text) => parseMemory(text), [
  ['', /not a number of bytes/],
  ['m', /not a number/],
  ['-1', /not a number/],
  ['12x', /not a number/],
  ['1e3', /not a number/],
])
reads('memory with swap', (text) => parseMemoryOrUnlimited(text), [
  ['-1', -1],
  ['1k', 1024],
])

reads('cpus', parseCpus, [
  ['1.5', 1.5],
  ['.5', 0.5],
  ['0', 0],
])
refuses('cpus', parseCpus, [
  ['', /not a number/],
  ['0.001', /less than 0.01/],
  ['-1', /not a number/],
])

const bind = { type: 'bind', readOnly: false, recursive: true, propagation: 'rprivate', createSource: true }
const volume = { type: 'volume', name: undefined, readOnly: false, copy: true }
reads('volume', parseVolume, [
  ['/data', { ...volume, destination: '/data' }],
  ['web:/data', { ...volume, name: 'web', destination: '/data' }],
  ['web:/data:ro,nocopy', { ...volume, name: 'web', destination: '/data', readOnly: true, copy: false }],
  ['/a:/b/../c/', { ...bind, source: '/a', destination: '/c' }],
  ['/a:/b:ro,rslave', { ...bind, source: '/a', destination: '/b', readOnly: true, propagation: 'rslave' }],
  ['/a:/b:rw,z,cached', { ...bind, source: '/a', destination: '/b' }],
  ['./a:/b', { ...bind, source: `${process.cwd()}/a`, destination: '/b' }],
])
refuses('volume', parseVolume, [
  ['', /not absolute/],
  ['data', /not absolute/],
  ['/', /over the container's \//],
  ['/a:/', /over the container's \//],
  ['/a:/proc/sys', /kernel's own/],
  [':/b', /source is empty/],
  ['/a:b', /not absolute/],
  ['a/b:/c', /not a volume's name/],
  ['x:/c', /not a volume's name/],
  ['/a:/b:ro,rw', /both ro and rw/],
  ['/a:/b:slave,shared', /more than one propagation/],
  ['/a:/b:wat', /no option is called "wat"/],
  ['/a:/b:ro:x', /not \[source:\]destination/],
  ['name:/b:rslave', /directories of the host/],
])

reads('mount', parseMountOption, [
  ['type=bind,source=/a,target=/b', { ...bind, source: '/a', destination: '/b', createSource: false }],
  ['type=bind,src=/a,dst=/b,ro', { ...bind, source: '/a', destination: '/b', readOnly: true, createSource: false }],
  ['type=bind,src=/a,dst=/b,readonly=false', { ...bind, source: '/a', destination: '/b', createSource: false }],
  [
    'type=bind,src=/a,dst=/b,bind-propagation=shared,bind-recursive=disabled',
    { ...bind, source: '/a', destination: '/b', propagation: 'shared', recursive: false, createSource: false },
  ],
  ['"type=bind","source=/a,b",target=/c', { ...bind, source: '/a,b', destination: '/c', createSource: false }],
  ['type=bind,source=./a,target=/b', { ...bind, source: resolve('a'), destination: '/b', createSource: false }],
  ['type=bind,src=/a,dst=/b,bind-create-src', { ...bind, source: '/a', destination: '/b', createSource: true }],
  [
    'type=bind,src=/a,dst=/b,ro,bind-recursive=writable',
    { ...bind, source: '/a', destination: '/b', readOnly: true, writableBelow: true, createSource: false },
  ],
  ['type=bind,src=/a,dst=/b,ro,bind-recursive=readonly', { ...bind, source: '/a', destination: '/b', readOnly: true, createSource: false }],
  ['target=/b', { ...volume, destination: '/b' }],
  ['src=web,target=/b,volume-subpath=a/./b,volume-driver=local', { ...volume, name: 'web', destination: '/b', subpath: 'a/b' }],
  [
    'src=web,dst=/b,volume-label=a=1,volume-label=b,"volume-opt=o=bind,ro"',
    { ...volume, name: 'web', destination: '/b', labels: { a: '1', b: '' }, options: { o: 'bind,ro' } },
  ],
  ['type=volume,source=web,target=/b,volume-nocopy', { ...volume, name: 'web', destination: '/b', copy: false }],
  [
    'type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770',
    { type: 'tmpfs', destination: '/t', options: ['nosuid', 'nodev', 'noexec', 'size=1048576', 'mode=1770'] },
  ],
  ['type=image,source=debian,target=/b', { type: 'image', source: 'debian', destination: '/b', readOnly: true }],
  [
    'type=image,src=debian,dst=/b,image-subpath=etc/./apt,rw',
    { type: 'image', source: 'debian', destination: '/b', readOnly: false, subpath: 'etc/apt' },
  ],
])
refuses('mount', parseMountOption, [
  ['type=bind,target=/b', /needs an absolute source/],
  ['type=bind,source=a,target=/b', /needs an absolute source/],
  ['type=image,target=/b', /the image is missing/],
  ['type=image,source=debian,target=/b,ro,rw', /both readonly and rw/],
  ['type=image,source=debian,target=/b,image-subpath=../x', /does not lie in the image/],
  ['src=web,target=/b,volume-subpath=../x', /does not lie below the volume/],
  ['src=web,target=/b,volume-subpath=/x', /does not lie below the volume/],
  ['target=/b,volume-subpath=x', /volume-subpath is for named volumes/],
  ['target=/b,volume-label=x', /volume-label is for named volumes/],
  ['src=web,target=/b,volume-driver=nfs', /no volume driver but local/],
  ['type=bind,src=/a,dst=/b,bind-recursive=readonly', /needs readonly/],
  ['type=bind,src=/a,dst=/b,ro,bind-recursive=readonly,bind-propagation=rslave', /needs bind-propagation=rprivate/],
  ['type=bind,src=/a,dst=/b,bind-recursive=half', /there are enabled|bind-recursive is "half"/],
  ['type=nfs,target=/b', /no type is called "nfs"/],
  ['type=bind,source=/a,target=/b,tmpfs-size=1', /tmpfs-size is not for type bind/],
  ['type=tmpfs,target=/b,source=x', /source is not for type tmpfs/],
  ['type=bind,source=/a,target=/b,wat=1', /no option is called "wat"/],
  ['type=bind,source=/a,target=/b,ro=maybe', /neither true nor false/],
  ['type=tmpfs,target=/b,tmpfs-mode=9', /not octal/],
])

test('commas divide, unless they are quoted', () => {
  assert.deepEqual(splitCommas('a,"b,c","d""e",', 'list'), ['a', 'b,c', 'd"e', ''])
  assert.throws(() => splitCommas('a,b"c', 'list'), /a quote stands in the middle/)
})

reads('tmpfs', parseTmpfs, [
  ['/run', { type: 'tmpfs', destination: '/run', options: ['nosuid', 'nodev', 'noexec'] }],
  ['/run:size=64m,mode=1777,exec', { type: 'tmpfs', destination: '/run', options: ['nosuid', 'nodev', 'size=64m', 'mode=1777', 'exec'] }],
  ['/run:ro,rw', { type: 'tmpfs', destination: '/run', options: ['nosuid', 'nodev', 'noexec', 'rw'] }],
])
refuses('tmpfs', parseTmpfs, [
  ['run', /not absolute/],
  ['/run:bind', /no option is called "bind"/],
  ['/run:size=a', /no option is called "size=a"/],
])

reads('ulimit', parseUlimit, [
  ['nofile=1024:4096', { name: 'nofile', soft: 1024, hard: 4096 }],
  ['nproc=64', { name: 'nproc', soft: 64, hard: 64 }],
  ['core=-1', { name: 'core', soft: UNLIMITED, hard: UNLIMITED }],
  ['core=0:-1', { name: 'core', soft: 0, hard: UNLIMITED }],
])
refuses('ulimit', parseUlimit, [
  ['nofile', /not name=soft/],
  ['files=1', /no limit is called files/],
  ['nofile=2:1', /soft limit is above/],
  ['nofile=-1:5', /soft limit is above/],
  ['nofile=-2', /-2 is no limit/],
])

reads('device', parseDevice, [
  ['/dev/fuse', { source: '/dev/fuse', destination: '/dev/fuse', access: 'rwm' }],
  ['/dev/fuse:rw', { source: '/dev/fuse', destination: '/dev/fuse', access: 'rw' }],
  ['/dev/sda:/dev/xvda:r', { source: '/dev/sda', destination: '/dev/xvda', access: 'r' }],
])
refuses('device', parseDevice, [
  ['fuse', /host path is not absolute/],
  ['/dev/a:b', /not absolute/],
  ['/dev/a:/dev/b:rx', /not some of r, w and m/],
  ['/dev/a:/dev/b:rr', /not some of r, w and m/],
])
reads('device rate', (text) => parseDeviceRate(text, parseMemory), [['/dev/sda:1mb', { path: '/dev/sda', rate: 2 ** 20 }]])
refuses('device rate', (text) => parseDeviceRate(text, parseMemory), [
  ['sda:1', /not \/dev\/name:rate/],
  ['/dev/sda', /not \/dev\/name:rate/],
])

reads('host entry', parseAddHost, [
  ['db:10.0.0.2', { name: 'db', address: '10.0.0.2' }],
  ['db=10.0.0.2', { name: 'db', address: '10.0.0.2' }],
  ['db:[::1]', { name: 'db', address: '::1' }],
  ['db:fe80::1', { name: 'db', address: 'fe80::1' }],
  ['me:host-gateway', { name: 'me', address: 'host-gateway' }],
])
refuses('host entry', parseAddHost, [
  ['db', /not name:address/],
  ['db:nowhere', /not an IP address/],
  [':1.2.3.4', /not name:address/],
])

reads('port', parseExposedPort, [
  ['80', { first: 80, last: 80, protocol: 'tcp' }],
  ['7000-7010/UDP', { first: 7000, last: 7010, protocol: 'udp' }],
])
refuses('port', parseExposedPort, [
  ['0', /1 to 65535/],
  ['9-8', /1 to 65535/],
  ['80/icmp', /no protocol/],
  ['http', /not port/],
])

test('security options add up', () => {
  assert.deepEqual(parseSecurity([]), { noNewPrivileges: false, seccomp: 'default', unmaskedPaths: false })
  assert.deepEqual(
    parseSecurity(['no-new-privileges', 'seccomp=/p.json', 'systempaths=unconfined', 'label=disable', 'apparmor:unconfined']),
    {
      noNewPrivileges: true,
      seccomp: { file: '/p.json' },
      unmaskedPaths: true,
      apparmor: 'unconfined',
    },
  )
  assert.equal(parseSecurity(['no-new-privileges:false']).noNewPrivileges, false)
  assert.equal(parseSecurity(['apparmor=mine']).apparmor, 'mine')
  assert.throws(() => parseSecurity(['label=type:container_t']), { code: 'UNSUPPORTED' })
})
refuses('security option', (text) => parseSecurity([text]), [
  ['wat', /nothing is called wat/],
  ['seccomp', /seccomp is unconfined/],
  ['apparmor=', /the name of a profile/],
  ['no-new-privileges=x', /neither true nor false/],
])

reads('user', parseUser, [
  ['', { user: '', group: undefined }],
  ['alice', { user: 'alice', group: undefined }],
  ['1000:100', { user: '1000', group: '100' }],
  ['alice:', { user: 'alice', group: undefined }],
])
refuses('user', parseUser, [['a:b:c', /not user/]])
reads('network', parseNetwork, [
  ['host', { name: 'host' }],
  ['default', { name: 'bridge' }],
  ['container:web', { name: 'container:web' }],
  [
    'name=back,alias=db,alias=store,ip=10.1.2.3,ip6=fd00::5,mac-address=02-42-AC-14-00-05',
    {
      name: 'back',
      aliases: ['db', 'store'],
      ip: '10.1.2.3',
      ip6: 'fd00::5',
      mac: '02:42:ac:14:00:05',
    },
  ],
])
refuses('network', parseNetwork, [
  ['web/1', /neither bridge, host, none, container:NAME nor the name of a network/],
  ['container:', /no container is named/],
  ['alias=db', /no network is named/],
  ['name=back,ip=10.1.2', /not an IPv4 address/],
  ['name=back,ip6=10.1.2.3', /not an IPv6 address/],
  ['name=back,mac-address=01:42:ac:14:00:05', /group address/],
  ['name=back,speed=1', /no field is called speed/],
])

reads('name server', parseNameServer, [['fe80::1%eth0', 'fe80::1%eth0']])
refuses('name server', parseNameServer, [['dns.example', /not an IP address/]])

reads('port', parsePublish, [
  ['80', { protocol: 'tcp', container: { first: 80, last: 80 } }],
  ['8080:80', { protocol: 'tcp', container: { first: 80, last: 80 }, host: { first: 8080, last: 8080 } }],
  ['53:53/udp', { protocol: 'udp', container: { first: 53, last: 53 }, host: { first: 53, last: 53 } }],
  ['127.0.0.1::80', { protocol: 'tcp', container: { first: 80, last: 80 }, hostAddress: '127.0.0.1' }],
  ['[::1]:8080:80', { protocol: 'tcp', container: { first: 80, last: 80 }, hostAddress: '::1', host: { first: 8080, last: 8080 } }],
  ['::1:8080:80', { protocol: 'tcp', container: { first: 80, last: 80 }, hostAddress: '::1', host: { first: 8080, last: 8080 } }],
  ['8000-8002:80-82', { protocol: 'tcp', container: { first: 80, last: 82 }, host: { first: 8000, last: 8002 } }],
  ['8000-8010:80', { protocol: 'tcp', container: { first: 80, last: 80 }, host: { first: 8000, last: 8010 } }],
])
refuses('port', parsePublish, [
  ['', /the container's port is missing/],
  ['8080:', /the container's port is missing/],
  ['web:80', /neither a port nor an address/],
  ['web:8080:80', /"web" is not an IP address/],
  ['70000', /not a port or a range/],
  ['0:0', /not a port or a range/],
  ['90-80', /not a port or a range/],
  ['80/icmp', /no protocol is called icmp/],
  ['1-3:1-2', /3 ports of the host for 2 of the container/],
])
reads('label', parseLabel, [
  ['a=b=c', ['a', 'b=c']],
  ['a', ['a', '']],
])
refuses('label', parseLabel, [['=x', /name is empty/]])
reads('sysctl', parseSysctl, [['net.ipv4.ip_forward=1', ['net.ipv4.ip_forward', '1']]])
refuses('sysctl', parseSysctl, [
  ['net.ipv4.ip_forward', /not name=value/],
  ['../x=1', /not the name/],
  ['a..b=1', /not the name/],
])

test('a file of variables has no quotes and no expansion', () => {
  const file = '\uFEFF# a comment\nA=1\n\n  B= two "words" $A \r\nTAKEN\n'
  assert.deepEqual(parseEnvFile(file, 'env'), ['A=1', 'B= two "words" $A ', 'TAKEN'])
})
refuses('file of variables', (text) => parseEnvFile(text, 'env'), [
  ['=x', /variable of env:1.*name is empty/],
  ['A=1\nB C=2', /variable of env:2.*white space/],
])

reads('volumes-from', parseVolumesFrom, [
  ['db', { container: 'db' }],
  ['db:rw', { container: 'db' }],
  ['db:ro,z', { container: 'db', readOnly: true }],
])
refuses('volumes-from', parseVolumesFrom, [
  ['', /not container/],
  ['db:wat', /no option is called "wat"/],
  ['db:ro:x', /not container/],
])
