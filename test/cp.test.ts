import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { deviceMajor, deviceMinor } from '@gocker/kernel'
import { copyFromContainer, copyToContainer } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import { temporaryDirectory } from '@gocker/testkit'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker, output, root } = runFixture('busybox')

const sh = (script: string) => ['busybox', 'sh', '-c', script]

/** Starts a container in the background that has done `script`, and goes with the test. */
async function running(t: TestContext, name: string, script: string, ...flags: string[]): Promise<void> {
  t.after(() => gocker(['rm', '-f', name]))
  succeeded(
    await gocker(['run', '-d', '--network', 'none', '--name', name, ...flags, ...sh(`${script}\ntouch /dev/shm/ready; exec sleep 1000`)]),
  )
  const deadline = Date.now() + 10_000
  while ((await gocker(['exec', name, 'busybox', 'ls', '/dev/shm/ready'])).code !== 0)
    assert.ok(Date.now() < deadline, `${name} does not become ready: ${(await gocker(['ps', '-a'])).stdout}`)
}

/** Makes a container that has done `script`, and does not run any more. */
async function stopped(t: TestContext, name: string, script: string, ...flags: string[]): Promise<void> {
  t.after(() => gocker(['rm', name]))
  succeeded(await gocker(['run', '--name', name, ...flags, ...sh(script)]))
}

async function storeOfTests(): Promise<Store> {
  return await openStore({ root: join(root, 'store'), run: join(root, 'run') })
}

test('a container that runs gives and takes files, of its volumes and its memory too', async (t) => {
  const here = temporaryDirectory(t)
  const flags = ['-v', `${here}:/bound`, '-v', 'cp-volume:/data', '--tmpfs', '/memory']
  await running(t, 'cp-live', 'echo own > /own; echo v > /data/v; echo m > /memory/m; ln -s /own /link', ...flags)
  for (const [path, content] of [
    ['/own', 'own\n'],
    ['/data/v', 'v\n'],
    ['memory/m', 'm\n'],
  ] as const) {
    const { stderr } = succeeded(await gocker(['cp', `cp-live:${path}`, join(here, 'got')]))
    assert.equal(readFileSync(join(here, 'got'), 'utf8'), content)
    assert.match(stderr, /^Successfully copied \S+ to /)
  }
  for (const path of ['/new', '/data/new', '/memory/new', '/link'])
    succeeded(await gocker(['cp', '-q', join(here, 'got'), `cp-live:${path}`]))
  const { stdout } = await gocker(['exec', 'cp-live', 'busybox', 'cat', '/new', '/data/new', '/memory/new', '/own'])
  assert.equal(stdout, 'm\nm\nm\nm\n')
})

test('a stopped one too, its named volumes included', async (t) => {
  const here = temporaryDirectory(t)
  await stopped(t, 'cp-still', 'echo own > /own; echo v > /data/v', '-v', 'cp-kept:/data')
  succeeded(await gocker(['cp', 'cp-still:/data', here]))
  assert.equal(readFileSync(join(here, 'data/v'), 'utf8'), 'v\n')
  succeeded(await gocker(['cp', join(here, 'data/v'), 'cp-still:/data/w']))
  succeeded(await gocker(['cp', `${here}/data/.`, 'cp-still:/fresh']))
  assert.equal(await output(['-v', 'cp-kept:/v', ...sh('cat /v/w')]), 'v\n')
  assert.match((await gocker(['diff', 'cp-still'])).stdout, /^A \/fresh\nA \/fresh\/v\nA \/own\n$/)
})

test('what is read-only is not written', async (t) => {
  const here = temporaryDirectory(t)
  writeFileSync(join(here, 'f'), '')
  await running(t, 'cp-fixed', ':', '--read-only', '-v', 'cp-fixed:/fixed:ro', '-v', 'cp-loose:/loose')
  for (const path of ['/f', '/fixed/f']) refused(await gocker(['cp', join(here, 'f'), `cp-fixed:${path}`]), 125, /read-only file system/)
  succeeded(await gocker(['cp', join(here, 'f'), 'cp-fixed:/loose/f']))
})

test('- is a tar on stdout or stdin', async (t) => {
  await stopped(t, 'cp-tar', 'mkdir -p /d/sub; echo x > /d/x; chown 1000 /d/x')
  const { stdoutBytes, stderr } = succeeded(await gocker(['cp', 'cp-tar:/d', '-']))
  assert.equal(stderr, '')
  succeeded(await gocker(['cp', '-', 'cp-tar:/tmp'], { input: stdoutBytes }))
  const again = succeeded(await gocker(['cp', 'cp-tar:/tmp/d', '-'])).stdoutBytes
  assert.deepEqual(again, stdoutBytes)
  refused(await gocker(['cp', '-', 'cp-tar:/d/x'], { input: stdoutBytes }), 125, /\/d\/x: it is no directory/)
})

test('what cannot be copied is said', async (t) => {
  await stopped(t, 'cp-wrong', 'mkdir /d; echo x > /f')
  const wrong: [words: string[], said: RegExp][] = [
    [['cp-wrong:/nothing', '.'], /container cp-wrong: \/nothing: no such file/],
    [['./nothing:x', 'cp-wrong:/'], /nothing:x: no such file/],
    [['a', 'b'], /neither side is in a container/],
    [['cp-wrong:/f', 'cp-wrong:/g'], /between containers/],
    [['nobody:/f', '.'], /finding container nobody/],
  ]
  for (const [words, said] of wrong) refused(await gocker(['cp', ...words]), 125, said)
})

/** Nothing of the host is read or written by way of a container that swaps a directory for a symlink to the host's as fast as it can. */
test('CVE-2018-15664: files swapped for symlinks while they are copied', async (t) => {
  const host = temporaryDirectory(t)
  mkdirSync(join(host, 'deep'))
  writeFileSync(join(host, 'secret'), 'of the host')
  writeFileSync(join(host, 'deep/secret'), 'of the host')
  const swap = 'mv /w/dir /w/tmp; mv /w/link /w/dir; mv /w/dir /w/link; mv /w/tmp /w/dir'
  const script = `mkdir -p /w/dir/deep; echo decoy > /w/dir/secret; echo decoy > /w/dir/deep/secret; ln -s ${'../'.repeat(12)}${host} /w/link`
  await running(t, 'cp-swap', `${script}; (while :; do ${swap}; done) &`)
  const store = await storeOfTests()
  const [out, source] = [temporaryDirectory(t), join(temporaryDirectory(t), 'planted')]
  writeFileSync(source, 'planted')
  // At least so often, and until one of them was quicker than the swapping.
  for (let round = 0; round < 4 || (contents(out).length === 0 && round < 200); round++) {
    const options = { store, container: 'cp-swap' }
    // Many end with an error: what was there is gone.
    for (const path of ['/w/dir/secret', '/w/dir'])
      await copyFromContainer({ ...options, path, destination: join(out, `${round}-${path.length}`) }).catch(isTold)
    await copyToContainer({ ...options, path: '/w/dir/planted', source }).catch(isTold)
  }
  assert.deepEqual(readdirSync(host).sort(), ['deep', 'secret'])
  assert.deepEqual(readdirSync(join(host, 'deep')), ['secret'])
  const got = contents(out)
  assert.ok(got.length > 0, 'some of it could be copied')
  assert.equal(got.includes('of the host'), false)
})

function isTold(error: unknown): void {
  assert.equal((error as Error).name, 'PullError', `${error}`)
}

/** Of all files below a directory, no symlink followed. */
function contents(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    const stats = lstatSync(path)
    return stats.isDirectory() ? contents(path) : stats.isFile() ? [readFileSync(path, 'utf8')] : []
  })
}

/** docker's helper entered the container and loaded the container's libnss there. */
test('CVE-2019-14271: nothing of the container is loaded to copy its files', async (t) => {
  const libraries = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2', 'libgcc_s.so.1'].map(
    (name) => `/lib/x86_64-linux-gnu/${name}`,
  )
  const make = `mkdir -p /lib/x86_64-linux-gnu /data; for name in ${libraries.join(' ')} /etc/nsswitch.conf; do echo bad > $name; done`
  await running(t, 'cp-load', `${make}; head -c 16000000 /dev/zero > /data/large`)
  const store = await storeOfTests()
  const { id } = await store.containers.get('cp-load')
  const { pid } = (await store.containers.readState(id)) ?? assert.fail('it runs')
  const device = BigInt(statSync(`/proc/${pid}/root/data`).dev)
  const hex = (part: number) => part.toString(16).padStart(2, '0')
  const mapped = new RegExp(` ${hex(deviceMajor(device))}:${hex(deviceMinor(device))} `)
  let looks = 0
  // The copying thread is in the container, and waits for what it has given to be taken.
  const destination = () => {
    looks++
    assert.doesNotMatch(readFileSync('/proc/self/maps', 'utf8'), mapped)
  }
  await copyFromContainer({ store, container: id, path: '/data/large', destination })
  assert.ok(looks > 1)
})

test("a mount of the host's processes in a container leads nowhere", async (t) => {
  const host = temporaryDirectory(t)
  writeFileSync(join(host, 'secret'), 'of the host')
  await running(t, 'cp-proc', `ln -s /host-proc/1/root${host} /way`, '-v', '/proc:/host-proc')
  refused(await gocker(['cp', 'cp-proc:/way/secret', '-']), 125, /no such file/)
  refused(await gocker(['cp', join(host, 'secret'), 'cp-proc:/way/planted']), 125, /no such file/)
  assert.equal(existsSync(join(host, 'planted')), false)
})

test('no symlink of a container makes a copy land elsewhere on the host', async (t) => {
  const [here, host] = [temporaryDirectory(t), temporaryDirectory(t)]
  await stopped(t, 'cp-land', `mkdir /d; ln -s ${host} /d/link; mkdir /e; mkdir /e/link; echo x > /e/link/x`)
  succeeded(await gocker(['cp', 'cp-land:/d/.', here]))
  refused(await gocker(['cp', 'cp-land:/e/.', here]), 125, /cannot overwrite a file with a directory/)
  symlinkSync(host, join(here, 'own'))
  // The user's own symlink is the user's to follow.
  succeeded(await gocker(['cp', 'cp-land:/e/link', join(here, 'own')]))
  assert.deepEqual(readdirSync(host), ['link'])
})
