import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MNT_DETACH, MOUNT_FLAGS, mount, unmount } from '@gocker/kernel'
import { makeTemporaryDirectory, removeTree, temporaryDirectory } from '@gocker/testkit'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker, run, output, root } = runFixture('busybox')

const sh = (script: string) => ['--network', 'none', 'busybox', 'sh', '-c', script]

test('a new volume begins with the owner, mode and content that the image has there', async () => {
  const show = 'stat -c %u:%a:%n /home/alice; cd /home/alice; stat -c %u:%a .; ls -a'
  assert.equal(await output(['-v', 'filled:/home', ...sh('stat -c %u:%a:%n /home/alice')]), '1000:700:/home/alice\n')
  assert.equal(await output(['-v', 'single:/home/alice', ...sh(show)]), '1000:700:/home/alice\n1000:700\n.\n..\n')
  for (const flags of [
    ['-v', 'bare:/home:nocopy'],
    ['--mount', 'src=bare-too,dst=/home,volume-nocopy'],
  ])
    assert.equal(await output([...flags, ...sh('ls /home')]), '')
  // What is there already stays: another image's files do not come to it.
  assert.equal(await output(['-v', 'filled:/etc', ...sh('ls /etc | grep -v -E "hosts|hostname|resolv"')]), 'alice\n')
})

test('a part of a volume is mounted alone, and none that leads out of it', async () => {
  await output(['-v', 'parts:/p', ...sh('mkdir -p /p/a/b; echo deep > /p/a/b/f; ln -s /etc /p/out')])
  assert.equal(await output(['--mount', 'src=parts,dst=/v,volume-subpath=a/b', ...sh('cat /v/f')]), 'deep\n')
  assert.equal(await output(['--mount', 'src=parts,dst=/v,volume-subpath=a/b/f,readonly', ...sh('cat /v')]), 'deep\n')
  refused(await run(['--mount', 'src=parts,dst=/v,volume-subpath=no', ...sh('true')]), 125, /no of volume parts: it does not exist/)
  refused(await run(['--mount', 'src=parts,dst=/v,volume-subpath=out', ...sh('true')]), 125, /without a symlink on the way/)
})

test('a mount gives a volume that it makes labels and options', async (t) => {
  const host = temporaryDirectory(t)
  await output(['--mount', 'src=labelled,dst=/v,volume-label=kind=test', ...sh('true')])
  const shown = async (name: string) => JSON.parse((await gocker(['volume', 'inspect', name])).stdout)[0]
  assert.equal((await shown('labelled')).Labels.kind, 'test')
  const options = 'volume-opt=type=none,volume-opt=o=bind'
  await output(['--mount', `src=elsewhere,dst=/v,${options},volume-opt=device=${host}`, ...sh('echo x > /v/f')])
  assert.equal(readFileSync(join(host, 'f'), 'utf8'), 'x\n')
})

/** A directory of the host with a file system of its own mounted on it, or below it. */
function withMount(t: TestContext, below: string): string {
  const directory = makeTemporaryDirectory()
  const target = join(directory, below)
  mkdirSync(target, { recursive: true })
  mount({ source: 'tmpfs', target, type: 'tmpfs' })
  t.after(() => {
    unmount(target, MNT_DETACH)
    removeTree(directory)
  })
  return directory
}

test('what is mounted below a bind comes along, and is read-only with it, unless it is asked otherwise', async (t) => {
  const host = withMount(t, 'below')
  const tries = 'touch /v/x 2>/dev/null || echo top; touch /v/below/x 2>/dev/null || echo below; grep -c " /v/below " /proc/self/mountinfo'
  const bind = `type=bind,src=${host},dst=/v`
  const expected: [flags: string[], said: string][] = [
    [['-v', `${host}:/v`], '1\n'],
    [['-v', `${host}:/v:ro`], 'top\nbelow\n1\n'],
    [['-v', `${host}:/v:rro`], 'top\nbelow\n1\n'],
    [['--mount', `${bind},readonly,bind-recursive=readonly`], 'top\nbelow\n1\n'],
    [['--mount', `${bind},readonly,bind-recursive=writable`], 'top\n1\n'],
    [['--mount', `${bind},bind-recursive=disabled`], '0\n'],
  ]
  for (const [flags, said] of expected) assert.equal((await run([...flags, ...sh(tries)])).stdout, said, flags.join(' '))
})

test('mounts spread between host and container as they are asked to', async (t) => {
  const host = withMount(t, '')
  mount({ source: 'none', target: host, flags: MOUNT_FLAGS.MS_SHARED })
  const spread = 'grep " /v " /proc/self/mountinfo | cut -d" " -f7 | cut -d: -f1'
  for (const [propagation, said] of [
    ['rprivate', '-'],
    ['rslave', 'master'],
    ['rshared', 'shared'],
  ])
    assert.equal(await output(['-v', `${host}:/v:${propagation}`, ...sh(spread)]), `${said}\n`)
})

test('a source may be relative, and is made when that is asked for', async (t) => {
  const cwd = temporaryDirectory(t)
  refused(await run(['--mount', 'type=bind,src=./made,dst=/v', ...sh('true')], { cwd }), 125, /made on \/v: it does not exist/)
  await output(['--mount', 'type=bind,src=./made,dst=/v,bind-create-src', ...sh('touch /v/x')], { cwd })
  assert.ok(existsSync(join(cwd, 'made/x')))
})

test("a tmpfs has docker's defaults, and what is asked for over them", async () => {
  const flags = ['--tmpfs', '/a', '--tmpfs', '/b:exec,mode=700,uid=5,size=1m', '--mount', 'type=tmpfs,dst=/c,tmpfs-size=2m,tmpfs-mode=1770']
  const script =
    'for each in a b c; do grep -o -E "noexec|nosuid|nodev" /proc/mounts > /dev/null; stat -c %u:%a /$each; df -k /$each | tail -1 | tr -s " " | cut -d" " -f2; done; grep -c " /b .*noexec" /proc/mounts'
  const [a, _, b, bSize, c, cSize, noexec] = (await run([...flags, ...sh(script)])).stdout.trim().split('\n')
  assert.deepEqual([a, b, bSize, c, cSize, noexec], ['0:1777', '5:700', '1024', '0:1770', '2048', '0'])
})

test("another container's volumes come along, its own excepted", async (t) => {
  const host = temporaryDirectory(t)
  chmodSync(host, 0o755)
  writeFileSync(join(host, 'f'), 'host\n')
  t.after(() => gocker(['rm', 'lender']))
  const flags = ['-v', 'lent:/named', '-v', '/anonymous', '-v', `${host}:/host:ro`, '--tmpfs', '/memory']
  succeeded(await gocker(['run', '--name', 'lender', ...flags, ...sh('echo n > /named/f; echo a > /anonymous/f')]))
  const script =
    'cat /named/f /anonymous/f /host/f; grep -c " /memory " /proc/self/mountinfo; for each in named anonymous host; do touch /$each/new 2>/dev/null && echo $each; done'
  assert.equal((await run(['--volumes-from', 'lender', ...sh(script)])).stdout, 'n\na\nhost\n0\nnamed\nanonymous\n')
  assert.equal((await run(['--volumes-from', 'lender:ro', ...sh(script)])).stdout, 'n\na\nhost\n0\n')
  assert.equal((await run(['--volumes-from', 'lender', '-v', 'own:/named', ...sh('ls /named; cat /host/f')])).stdout, 'host\n')
  refused(await run(['--volumes-from', 'nobody', ...sh('true')]), 125, /finding container nobody/)
})

test('what gocker does not have is refused', async () => {
  const wrong: [flags: string[], said: RegExp][] = [
    [['--volume-driver', 'nfs'], /no volume driver but local/],
    [['--mount', 'type=bind,src=/tmp,dst=/x,bind-recursive=readonly'], /needs readonly/],
    [['--mount', 'type=volume,src=a/b,dst=/x'], /not a volume's name/],
    [['-v', 'parts:/x:rshared'], /for directories of the host/],
  ]
  for (const [flags, said] of wrong) refused(await run([...flags, ...sh('true')]), 125, said)
  assert.equal(await output(['--volume-driver', 'local', '-v', 'local-too:/x', ...sh('echo ok')]), 'ok\n')
})

test('a volume whose filling was killed begins anew', async () => {
  const volumes = join(root, 'store/volumes')
  const before = readdirSync(volumes)
  const killed = gocker(['run', '--rm', '-v', 'torn:/home', ...sh('true')], { timeout: 200 })
  await killed.catch(() => undefined)
  const now = readdirSync(volumes).filter((name) => !before.includes(name))
  assert.deepEqual(
    now.map((name) => readdirSync(join(volumes, name))),
    now.map(() => ['alice']),
  )
  assert.equal(await output(['-v', 'torn:/home', ...sh('ls /home')]), 'alice\n')
  succeeded(await gocker(['system', 'prune']))
})
