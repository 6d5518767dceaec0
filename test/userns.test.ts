import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { busyboxRootfs, temporaryDirectory } from '@gocker/testkit'
import { ordinaryUser, whyNoUsers } from './support/ordinary-user.ts'
import { refused, runFixture, succeeded } from './support/running.ts'
import { answerOf } from './support/user-network.ts'

// Before the fixture looks for what is left.
after(() => gocker(['rm', '-f', 'one', 'two', 'three']))

const { gocker, root } = runFixture('busybox')
const skip = whyNoUsers()
const many = ordinaryUser({ uid: 42_128, subordinate: 700_100_000 })

const output = async (...words: readonly string[]): Promise<string> => succeeded(await gocker(words)).stdout
const sh = (script: string) => ['sh', '-c', script]
const auto = (...more: readonly string[]) => ['run', '--rm', '--network', 'none', '--userns', 'auto', ...more]
const FILES = [
  { name: 'of-another', content: 'x', uid: 33, gid: 34, mode: 0o640 },
  { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\nweb:x:1500:1500::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' },
  { name: 'etc/group', content: 'root:x:0:\nweb:x:1500:\n' },
]

const wordsOf = (text: string): number[] => text.trim().split(/\s+/).map(Number)

before(async () => {
  const archive = join(root, 'box.tar')
  writeFileSync(archive, busyboxRootfs(FILES))
  await output('import', archive, 'box')
  await output('import', '--layer-format', 'erofs', archive, 'imaged')
  if (skip !== false) return
  const own = join(many.shared, 'box.tar')
  writeFileSync(own, busyboxRootfs(FILES))
  await many.output(['import', own, 'box'])
})

for (const image of ['box', 'imaged'])
  test(`with ids of its own, files of ${image} have the owners that the image says`, async () => {
    const script =
      'cat /proc/self/uid_map; stat -c %u:%g /of-another; echo more >> /of-another; touch /made; chown 1500 /made; stat -c %u:%g /made'
    const [map = '', ...owners] = (await output(...auto(image, ...sh(script)))).trim().split('\n')
    const [inside, outside = 0, size] = wordsOf(map)
    assert.deepEqual([inside, size, owners], [0, 1501, ['33:34', '1500:0']])
    assert.ok(outside >= 65_536, 'none that a user of this machine has')
  })

test("a user of the image may write to what the container is given, and not to what is the host's", async (t) => {
  const host = temporaryDirectory(t)
  for (const name of ['plain', 'mapped']) mkdirSync(join(host, name))
  const mounts = ['-v', `${host}/plain:/plain`, '-v', `${host}/mapped:/mapped:idmap`, '-v', 'shared:/volume', '--tmpfs', '/memory']
  const script =
    'for d in plain mapped volume memory; do touch /$d/made 2>/dev/null && chown 33:34 /$d/made && echo $d; done; echo told > /dev/stderr'
  const { stdout, stderr } = succeeded(await gocker(auto(...mounts, 'box', ...sh(script))))
  assert.deepEqual([stdout, stderr], ['mapped\nvolume\nmemory\n', 'told\n'])
  assert.equal(existsSync(join(host, 'plain/made')), false)
  const volume = (await output('volume', 'inspect', '--format', '{{.Mountpoint}}', 'shared')).trim()
  for (const file of [join(host, 'mapped/made'), join(volume, 'made')]) {
    const { uid, gid } = statSync(file)
    assert.deepEqual([uid, gid], [33, 34], file)
  }
  assert.equal(
    await output(...auto('-u', 'web', '-v', 'shared:/volume', 'box', ...sh('id -u; stat -c %u /volume/made; echo out > /dev/stdout'))),
    '1500\n33\nout\n',
  )
})

test('no two that run share an id, and ids of a killed one are free', async () => {
  const start = (name: string, ...more: string[]) =>
    output('run', '-d', '--name', name, '--userns', 'auto', ...more, 'box', 'sleep', '1000')
  const idsOf = async (name: string) => wordsOf(await output('exec', name, 'cat', '/proc/self/uid_map'))
  await Promise.all([start('one'), start('two')])
  const [first, second] = [await idsOf('one'), await idsOf('two')]
  const [low = [], high = []] = [first, second].sort((a, b) => (a[1] ?? 0) - (b[1] ?? 0))
  assert.ok((low[1] ?? 0) + (low[2] ?? 0) <= (high[1] ?? 0), `${low} and ${high}`)
  const pid = Number(await output('inspect', '--format', '{{.State.Pid}}', 'one'))
  assert.equal(wordsOf(readFileSync(`/proc/${pid}/uid_map`, 'utf8'))[1], first[1])
  process.kill(pid, 'SIGKILL')
  await output('wait', 'one')
  await start('three')
  assert.equal((await idsOf('three'))[1], first[1])
  await output('rm', '-f', 'one', 'two', 'three')
})

test('such a container is entered, reached, committed, stopped, copied from and started again', async () => {
  const script = 'mkdir -p /made/deep; chown 1500:1500 /made/deep; while :; do echo hello | nc -l -p 80; done'
  await output('run', '-d', '--name', 'one', '--userns', 'auto', '-p', '127.0.0.1::80', 'box', ...sh(script))
  assert.equal(await answerOf(Number(/:(\d+)/.exec(await output('port', 'one', '80'))?.[1])), 'hello\n')
  assert.equal(await output('exec', '-u', 'web', 'one', ...sh('id -u; stat -c %u /made/deep')), '1500\n1500\n')
  refused(
    await gocker(['exec', '-u', '9999', 'one', 'true']),
    125,
    /running as user 9999: there are only users 0 to 1500\n {2}hint: --userns auto:size=10000/,
  )
  refused(await gocker(['cp', 'one:/made', '-']), 125, /ids of its own: stop it first/)
  assert.equal(await output('diff', 'one'), 'A /made\nA /made/deep\n')
  assert.equal((await output('inspect', '--format', '{{.HostConfig.UsernsMode}}', 'one')).trim(), 'auto')
  await output('commit', 'one', 'committed')
  assert.equal(await output('run', '--rm', '--network', 'none', 'committed', 'stat', '-c', '%u', '/made', '/made/deep'), '0\n1500\n')
  await output('stop', '-t', '0', 'one')
  assert.match(await output('cp', 'one:/made', '-'), /made\/deep\//)
  await output('start', 'one')
  assert.equal(await output('exec', 'one', 'stat', '-c', '%u', '/made', '/made/deep'), '0\n1500\n')
  await output('rm', '-f', 'one')
})

test('what cannot be is refused, and says why', async () => {
  const says = async (words: readonly string[], what: RegExp) => refused(await gocker(words), 125, what)
  await says(
    auto('-v', '/sys:/mapped:idmap', 'box', 'true'),
    /the owners of \/sys: its file system, sysfs, has no id-mapped mounts\n {2}hint: /,
  )
  await says(
    ['run', '--rm', '-v', `${root}:/mapped:idmap`, 'box', 'true'],
    /idmap: the container has no ids of its own\n {2}hint: .*--userns auto/,
  )
  await says(['run', '--rm', '--userns', 'keep-id', 'box', 'true'], /keep-id: it keeps an ordinary user's id, and this is root/)
  await says(['run', '--rm', '--userns', 'own', 'box', 'true'], /reading userns "own": neither auto, host nor keep-id/)
  assert.match(
    await output('run', '--rm', '--network', 'none', '--userns', 'host', 'box', 'cat', '/proc/self/uid_map'),
    /^\s+0\s+0\s+4294967295$/m,
  )
})

test('an ordinary user keeps his id', { skip }, async () => {
  const words = (...more: string[]) => many.output(['run', '--rm', '--network', 'none', '--userns', 'keep-id', ...more])
  const script = 'id -u; id -g; touch /made && stat -c %u:%g /made'
  assert.equal(await words('box', ...sh(script)), `${many.uid}\n${many.uid}\n${many.uid}:${many.uid}\n`)
  const mine = join(many.home, 'mine')
  await words('-v', `${mine}:/mine`, 'box', 'touch', '/mine/made')
  assert.equal(statSync(join(mine, 'made')).uid, many.uid)
  assert.equal(await words('-u', '0', 'box', 'id', '-u'), '0\n')
  const { stderr } = await many.gocker(auto('box', 'true'))
  assert.match(stderr, /^gocker: using --userns auto: only root can map the owners of files/m)
})
