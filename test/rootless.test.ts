import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { buildTar, busyboxRootfs } from '@gocker/testkit'
import { cgroupOf } from './support/delegated-cgroup.ts'
import { ordinaryUser, whyNoUsers, withFiles } from './support/ordinary-user.ts'
import { pullFixture } from './support/pulling.ts'
import { answerOf, openTun, sendUntil } from './support/user-network.ts'

const skip = whyNoUsers()
const one = ordinaryUser({ uid: 42_117 })
const many = ordinaryUser({ uid: 42_118, subordinate: 700_000_000 })
const { registry, pushed } = await pullFixture()
const files = [
  { name: 'of-another', content: 'x', uid: 33, gid: 34, mode: 0o640 },
  { name: 'taken-away', content: 'x' },
]
const sh = (script: string) => ['sh', '-c', script]
const alone = ['run', '--rm', '--network', 'none']

before(async () => {
  if (skip !== false) return
  const archive = join(one.shared, 'box.tar')
  writeFileSync(archive, busyboxRootfs(files))
  const { code, stderr } = await one.gocker(['import', archive, 'box'])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^gocker: only one user id can be used: .*42117 has no ids in .*\n {2}hint: sudo usermod .* 42117\n$/)
})

test('a user with one id runs an image and builds on it, and all of it is his', { skip }, async () => {
  assert.equal(statSync(join(one.home, '.local/share/gocker/oci-layout')).uid, one.uid)
  const inside = await one.output([...alone, 'box', ...sh('id -u; cat /proc/self/uid_map; echo x > /dev/null; stat -c %u:%g /of-another')])
  assert.deepEqual(inside.replaceAll(/ +/g, ' ').split('\n'), ['0', ` 0 ${one.uid} 1`, '0:0', ''])
  assert.equal((await one.gocker([...alone, 'box', ...sh('exit 7')])).code, 7)

  writeFileSync(join(one.shared, 'Gockerfile'), 'FROM box\nCOPY Gockerfile /copied\nRUN echo made > /made && rm /taken-away\n')
  await one.output(['build', '--network', 'none', '-t', 'built', one.shared])
  assert.equal(await one.output([...alone, 'built', ...sh('cat /made; ls /copied /taken-away 2>/dev/null; true')]), 'made\n/copied\n')
  assert.equal((await one.output(['images', '-q'])).split('\n').length, 3)
})

test('a user with subordinate ids pulls, and files have the owners that the image says', { skip }, async (t) => {
  const whiteout = { name: '.wh.taken-away', content: '' }
  const { name } = await pushed(t, { layers: [busyboxRootfs(files), buildTar([whiteout])], config: { Cmd: ['sh'] } })
  const image = `${registry.host}/${name}`
  const { code, stderr } = await many.gocker(['pull', '--quiet', image])
  assert.deepEqual([code, stderr], [0, ''])
  await many.output(['tag', image, 'box'])
  const script = 'cat /proc/self/uid_map; stat -c %u:%g /of-another; ls /taken-away; touch /mine; chown 1000:1000 /mine && stat -c %u /mine'
  const { stdout, stderr: missing } = await many.gocker([...alone, 'box', ...sh(script)])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '))
  assert.deepEqual(lines, [`0 ${many.uid} 1`, '1 700000000 65536', '33:34', '1000'])
  assert.match(missing, /taken-away: No such file/)
  assert.equal(await many.output([...alone, '-u', '1000:1000', 'box', 'id', '-u']), '1000\n')
})

test('a user or an owner of whom there is no id is named, with the command that gives more', { skip }, async () => {
  const [asked, larger] = [
    await one.gocker([...alone, '-u', '1000', 'box', 'true']),
    await many.gocker([...alone, '-u', '99999', 'box', 'true']),
  ]
  assert.deepEqual([asked.code, larger.code], [125, 125])
  assert.match(asked.stderr, /^gocker: running as user 1000: .*42117 has no ids in .*\n {2}hint: sudo usermod --add-subuids .* 42117$/m)
  assert.match(
    larger.stderr,
    /^gocker: running as user 99999: .*users 0 to 65536\b.*\n {2}hint: sudo usermod --add-subuids .* gocker42118\b/m,
  )

  const archive = join(many.shared, 'far.tar')
  writeFileSync(archive, buildTar([{ name: 'far', content: 'x', uid: 99_999, gid: 7 }]))
  const imported = await many.gocker(['import', archive, 'far'])
  assert.match(imported.stderr, /"far": giving a file to user 99999: .*users 0 to 65536\b.*\n {2}hint: sudo usermod --add-subuids /)
  writeFileSync(join(many.shared, 'Gockerfile'), 'FROM box\nCOPY --chown=7:99999 Gockerfile /copied\n')
  const built = await many.gocker(['build', many.shared])
  assert.match(built.stderr, /giving a file to group 99999: .*groups 0 to 65536\b.*\n {2}hint: sudo usermod --add-subuids /)
})

test("a user's container goes on in the background, and is entered, read, stopped and removed", { skip }, async () => {
  const script = 'echo begun; trap "exit 3" TERM; while :; do sleep 0.1; done'
  await many.output(['run', '-d', '--name', 'back', '--network', 'host', 'box', ...sh(script)])
  assert.equal(await many.output(['exec', 'back', ...sh('echo $PPID; id -u; ls /taken-away 2>/dev/null || echo gone')]), '0\n0\ngone\n')
  await many.output(['stop', '-t', '60', 'back'])
  assert.equal(await many.output(['logs', 'back']), 'begun\n')
  assert.equal(await many.output(['wait', 'back']), '3\n')
  await many.output(['rm', 'back'])
})

const TUN = '/dev/net/tun'

test('where pasta cannot make a link, the error says what is missing', { skip }, async () => {
  const closed = join(one.shared, 'tun')
  writeFileSync(closed, '', { mode: 0o600 })
  const under = existsSync(TUN) ? withFiles({ [TUN]: closed }) : []
  const { code, stderr } = await one.gocker(['run', '--rm', 'box', 'true'], under)
  assert.equal(code, 125)
  assert.match(
    stderr,
    /^gocker: connecting container .*: an ordinary user's containers are connected by pasta or slirp4netns, and .*\/dev\/net\/tun.*\n {2}hint: sudo .*\n$/m,
  )
  assert.match(await one.output(['run', '--explain', 'box', 'true'], under), /pivot_root/)
  assert.match(await one.output(['info'], under), /^WARNING: no network of their own for this user's containers: .*\/dev\/net\/tun/m)
  const connected = await one.gocker(['run', '--rm', '--network', 'backend', 'box', 'true'])
  assert.match(connected.stderr, /networks between containers need root/)
})

/** A user's programs that carry networks just now, each with what watches over it: those have the directory of a container as theirs. */
function carriersOf({ home }: { readonly home: string }): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const watchers = pids.filter((pid) => /network/.test(textOf(`/proc/${pid}/cmdline`)) && workingDirectory(pid).startsWith(home))
  return pids.filter((pid) => watchers.includes(pid) || watchers.includes(parentOf(pid)))
}

function parentOf(pid: string): string {
  return /^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? ''
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const PATIENCE = 60_000

/** Of those that were seen before, too. */
async function untilNothingCarries(user: { readonly home: string }, seen: readonly string[]): Promise<void> {
  const end = Date.now() + PATIENCE
  const left = () => [...carriersOf(user), ...seen.filter((pid) => /pasta|passt|slirp/.test(textOf(`/proc/${pid}/comm`)))]
  while (left().length > 0 && Date.now() < end) await delay(50)
  assert.deepEqual(left(), [])
}

for (const carrier of ['pasta', 'slirp4netns'] as const)
  test(`${carrier} connects a container, publishes its ports, and ends with it`, { skip }, async (t) => {
    const tun = openTun(many.shared)
    if ('missing' in tun) return t.skip(tun.missing)
    const under = withFiles({ [TUN]: tun.file })
    const script = 'ip route | grep -q default && echo routed; while :; do echo hello | nc -l -p 80; done'
    const words = ['run', '-d', '--name', 'served', '--network', carrier, '-p', '127.0.0.1::80', '-p', '127.0.0.1::81/udp']
    await many.output([...words, 'box', ...sh(script)], under)
    const ports = await many.output(['port', 'served'])
    assert.equal(await answerOf(Number(/80\/tcp.*:(\d+)/.exec(ports)?.[1])), 'hello\n')
    // Nobody takes it there, which the kernel counts.
    const counted = async () => (await many.output(['exec', 'served', 'awk', '/^Udp:/ { print $3 }', '/proc/net/snmp'])).trim()
    const isHeard = async () => !(await counted()).endsWith('\n0')
    assert.ok(await sendUntil(Number(/81\/udp.*:(\d+)/.exec(ports)?.[1]), 'datagram\n', isHeard), 'a datagram arrives')
    assert.match(await many.output(['logs', 'served']), /^routed$/m)
    const seen = carriersOf(many)
    assert.equal(seen.length, 2)
    process.kill(Number(await many.output(['inspect', '--format', '{{.State.Pid}}', 'served'])), 'SIGKILL')
    await untilNothingCarries(many, seen)
    await many.output(['rm', '-f', 'served'])
  })

test('a network ends with its container when gocker, or what watches over it, is killed', { skip }, async (t) => {
  const tun = openTun(many.shared)
  if ('missing' in tun) return t.skip(tun.missing)
  const killed = many.start(['run', '--rm', 'box', ...sh('echo begun; sleep 1000')], withFiles({ [TUN]: tun.file }))
  await once(killed.child.stdout ?? killed.child, 'data')
  const seen = carriersOf(many)
  assert.equal(seen.length, 2)
  process.kill(killed.pid, 'SIGKILL')
  await killed.result
  await untilNothingCarries(many, seen)

  await many.output(['run', '-d', '--name', 'cut', 'box', 'sleep', '1000'], withFiles({ [TUN]: tun.file }))
  const cut = carriersOf(many)
  const watcher = cut.find((pid) => cut.some((other) => parentOf(other) === pid))
  process.kill(Number(watcher), 'SIGKILL')
  await untilNothingCarries(many, cut)
  await many.output(['rm', '-f', 'cut'])
  await many.output(['system', 'prune', '-f'])
})

test('where pasta is not there slirp4netns is used, and a missing one is named', { skip }, async (t) => {
  const tun = openTun(many.shared)
  if ('missing' in tun) return t.skip(tun.missing)
  const nothing = join(many.shared, 'nothing')
  writeFileSync(nothing, '', { mode: 0o644 })
  const without = (...programs: string[]) =>
    withFiles({ [TUN]: tun.file, ...Object.fromEntries(programs.map((name) => [`/usr/bin/${name}`, nothing])) })
  const addresses = ['run', '--rm', 'box', 'ip', 'address']
  assert.match(await many.output(addresses, without('pasta')), /tap0/)
  const missing = await many.gocker(['run', '--rm', '--network', 'slirp4netns', 'box', 'true'], without('slirp4netns'))
  assert.match(missing.stderr, /and slirp4netns is not installed\n {2}hint: sudo apt-get install slirp4netns;/)
  const both = await many.gocker(addresses, without('pasta', 'slirp4netns'))
  assert.match(both.stderr, /and pasta and slirp4netns are not installed\n {2}hint: sudo apt-get install passt;/)
})

/** Wants some hundred megabytes in one process. */
const HUNGRY = 'x=$(head -c 100000000 /dev/zero | tr "\\0" a); echo had enough'

test('a limit is refused without a cgroup of the user, and held with one', { skip }, async (t) => {
  const limited = [...alone, '-m', '32m', 'box', ...sh(HUNGRY)]
  const without = await many.gocker(limited)
  assert.equal(without.code, 125)
  assert.match(
    without.stderr,
    /^gocker: limiting memory: no cgroup with this controller belongs to this user\n {2}hint: .*systemd-run --user/,
  )
  const own = cgroupOf(t, many.uid)
  if ('missing' in own) return t.skip(own.missing)
  const { code, stdout, stderr } = await many.gocker(limited, own.under)
  assert.deepEqual([code, stdout], [137, ''], stderr)
  assert.match(stderr, /^gocker: the container used up its memory/m)
})

test('where no user namespace is to be had, the error says so, and what mends it', { skip }, async () => {
  const ids = join(one.shared, 'ids-of-root')
  writeFileSync(ids, 'root:0:65536\n')
  // In a namespace around the user's own, so that this machine's setting stays as it is.
  const inNamespace = ['unshare', '--user', '--map-users=0,0,65536', '--map-groups=0,0,65536', '--']
  const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
  const under = [...withFiles({ '/etc/subuid': ids, '/etc/subgid': ids }), ...inNamespace, ...sh(script), 'sh']
  const { code, stdout, stderr } = await one.gocker([...alone, 'box', 'true'], under)
  assert.deepEqual([code, stdout], [125, ''])
  assert.match(stderr, /^gocker: making a user namespace for user 42117: user\.max_user_namespaces is 0$/m)
  assert.match(stderr, /^ {2}hint: sudo sysctl -w user\.max_user_namespaces=15000$/m)
  assert.match(
    await one.output(['info'], under),
    /^WARNING: this user cannot run containers: user\.max_user_namespaces is 0; .* sudo sysctl/m,
  )
})
