import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { refused, runFixture } from './support/running.ts'

const { run, output, start, image } = runFixture('busybox')

const sh = (script: string) => ['busybox', 'sh', '-c', script]

test("the environment is docker's own, the image's, and what was asked for; none of the caller's", async () => {
  const env = { FROM_CALLER: 'taken', NOT_ASKED: 'secret' }
  const text = await output(
    ['--hostname', 'box', '-e', 'A=1', '-e', 'B=two words', '-e', 'FROM_CALLER', '-e', 'NO_SUCH', 'busybox', 'env'],
    { env },
  )
  assert.deepEqual(text.trim().split('\n').sort(), [
    'A=1',
    'B=two words',
    'FROM_CALLER=taken',
    'HOME=/root',
    'HOSTNAME=box',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ])
})

test('a PATH that names a directory twice is searched', async () => {
  assert.equal(await output(['-e', 'PATH=/sbin:/bin:/sbin:/bin', 'busybox', 'echo', 'found']), 'found\n')
})

test('variables come from a file, and -e goes over them', async (t) => {
  const file = join(temporaryDirectory(t), 'variables')
  writeFileSync(file, '# a comment\n\nA=from file\nB="quotes stay"\nCALLER\n')
  const text = await output(['--env-file', file, '-e', 'A=1', ...sh('echo "$A|$B|$CALLER"')], { env: { CALLER: 'c' } })
  assert.equal(text, '1|"quotes stay"|c\n')
})

test('a file of variables that is wrong is refused with its line', async (t) => {
  const file = join(temporaryDirectory(t), 'variables')
  writeFileSync(file, 'A=1\nB C=2\n')
  refused(await run(['--env-file', file, 'busybox', 'env']), 125, /variables:2 .*white space/)
})

test("a file of variables is gocker's to read, not node's", async () => {
  refused(await run(['--env-file', '/no/such/file', 'busybox', 'env']), 125, /--env-file.*\/no\/such\/file/)
})

test('the working directory is made where it is not there', async () => {
  assert.equal(await output(['-w', '/new/dir', 'busybox', 'pwd']), '/new/dir\n')
  assert.equal(await output(['-w', '/tmp', '-u', 'nobody', ...sh('pwd; touch here && echo written')]), '/tmp\nwritten\n')
  refused(await run(['-w', 'relative', 'busybox', 'pwd']), 125, /"relative": not an absolute path/)
})

const USERS: [user: string, script: string, expected: string][] = [
  ['alice', 'id -u; id -g; id -G', '1000\n1000\n1000 10 50 100\n'],
  ['1001', 'id -u; id -g; echo $HOME', '1001\n100\n/home/bob\n'],
  ['alice:staff', 'id -u; id -g', '1000\n50\n'],
  ['4444:5555', 'id -u; id -g; id -G', '4444\n5555\n5555\n'],
  ['nobody', 'id -un; echo $HOME', 'nobody\n/\n'],
]

for (const [user, script, expected] of USERS)
  test(`-u ${user} is that user`, async () => {
    assert.equal(await output(['-u', user, ...sh(script)]), expected)
  })

test('a user that the image has not is refused', async () => {
  refused(await run(['-u', 'nosuch', 'busybox', 'id']), 125, /finding user "nosuch": the image's \/etc\/passwd has no such entry/)
  refused(await run(['-u', 'alice:nosuch', 'busybox', 'id']), 125, /finding group "nosuch"/)
})

test('more groups can be added', async () => {
  const groups = (await output(['-u', '4444', '--group-add', 'staff', '--group-add', '77', 'busybox', 'id', '-G'])).trim().split(' ')
  assert.deepEqual(groups.sort(), ['0', '50', '77'])
})

test("an entrypoint goes over the image's, an empty one takes it away", async () => {
  assert.equal(await output(['--entrypoint', 'echo', 'busybox', 'hello']), 'hello\n')
  assert.equal(await output(['--entrypoint', '', 'full', 'echo', 'plain']), 'plain\n')
  assert.equal(await output(['--entrypoint', 'pwd', 'full']), '/srv/work\n')
})

before(() =>
  image(
    'full',
    'ENTRYPOINT ["sh", "-c", "echo $A $0 $1; pwd; id -un; mount | grep -c \' /data \'"]',
    'CMD ["cmd", "two"]',
    'ENV A=image PATH=/bin',
    'WORKDIR /srv/work',
    'USER alice',
    'VOLUME /data',
  ),
)

test('the image says entrypoint, command, environment, directory, user and volumes', async () => {
  assert.equal(await output(['full']), 'image cmd two\n/srv/work\nalice\n1\n')
  assert.equal(await output(['-e', 'A=mine', '-w', '/', '-u', 'bob', 'full', 'given']), 'mine given\n/\nbob\n1\n')
})

test('limits of processes are set', async () => {
  const text = await output(['--ulimit', 'nofile=100:200', '--ulimit', 'core=0', ...sh('ulimit -Sn; ulimit -Hn; ulimit -c')])
  assert.equal(text, '100\n200\n0\n')
  refused(await run(['--ulimit', 'nofile=300:200', 'busybox', 'true']), 125, /the soft limit is above the hard one/)
  refused(await run(['--ulimit', 'nosuch=3', 'busybox', 'true']), 125, /nosuch/)
})

const ORPHANS = '(sh -c "sleep 0.05 & sleep 0.05 &") ; sleep 0.5; ps -o stat,args | grep -c "^Z" || true'

test('--init reaps what nobody waits for', async () => {
  assert.equal(await output(['--init', ...sh(ORPHANS)]), '0\n')
  assert.equal(await output(['--init', ...sh('cat /proc/1/comm')]), 'gocker-init\n')
})

test('--init passes signals on, to a command that has no handler too', async () => {
  const running = start(['--init', ...sh('echo ready; exec sleep 1000')])
  running.child.stdout?.once('data', () => process.kill(running.pid, 'SIGTERM'))
  assert.equal((await running.result).code, 143)
})

test('--init ends as the command did', async () => {
  assert.equal((await run(['--init', ...sh('exit 6')])).code, 6)
  assert.equal((await run(['--init', 'busybox', 'nope'])).code, 127)
})
