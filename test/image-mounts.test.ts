import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildTar, imageLayout, makeTemporaryDirectory, pushLayout, removeTree, startRegistry, temporaryDirectory } from '@gocker/testkit'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker, run, output } = runFixture('busybox')

const mounting = (fields: string) => ['--mount', `type=image,${fields}`]
const sh = (script: string) => ['--network', 'none', 'busybox', 'sh', '-c', script]

/** Layers that are directories over busybox's, which may be an image. */
const GOCKERFILE = `FROM busybox
COPY a /data/deep/a
COPY b /data/deep/b
RUN rm /data/deep/a; rm -r /home; mkdir -m 750 /home; chown 5:6 /home; ln -s data/deep /short
`

let making: Promise<void> | undefined

/** Made once, of layers in whatever form they have here. */
async function tools(): Promise<void> {
  making ??= build('tools', GOCKERFILE)
  await making
}

async function build(name: string, gockerfile: string): Promise<void> {
  const context = makeTemporaryDirectory()
  for (const file of ['a', 'b']) writeFileSync(join(context, file), `${file}\n`)
  writeFileSync(join(context, 'Gockerfile'), gockerfile)
  try {
    succeeded(await gocker(['build', '-q', '-t', name, '--network', 'none', context]))
  } finally {
    removeTree(context)
  }
}

test('an image is mounted as its own containers see it, and cannot be written', async () => {
  await tools()
  const script = 'ls /t/data/deep; ls -A /t/home; stat -c %u:%g:%a /t/home; touch /t/x 2>&1; /t/bin/busybox echo runs'
  const said = 'b\n5:6:750\ntouch: /t/x: Read-only file system\nruns\n'
  assert.equal(await output([...mounting('source=tools,target=/t'), ...sh(script)]), said)
  assert.equal(await output([...mounting('src=tools,dst=/t,readonly'), ...sh(script)]), said)
})

test('a directory or a file of it is mounted alone, by symlinks of its own, and none that leads out', async () => {
  await tools()
  assert.equal(await output([...mounting('src=tools,dst=/t,image-subpath=short'), ...sh('ls /t; cat /t/b')]), 'b\nb\n')
  assert.equal(await output([...mounting('src=tools,dst=/new/file,subpath=/short/b'), ...sh('cat /new/file')]), 'b\n')
  assert.equal(await output([...mounting('src=busybox,dst=/t,subpath=home'), ...sh('ls /t')]), 'alice\n')
  refused(
    await run([...mounting('src=tools,dst=/t,subpath=data/deep/a'), ...sh('true')]),
    125,
    /data\/deep\/a of image tools on \/t: it does not/,
  )
  refused(await run([...mounting('src=tools,dst=/t,subpath=../etc'), ...sh('true')]), 125, /does not lie in the image/)
})

test('what is written into one goes with the next start, and never into the image', async (t) => {
  await tools()
  t.after(() => gocker(['rm', '-f', 'writer']))
  const script = 'stat -c %u:%g:%a /t; ls -A /t; echo more > /t/more; cat /t/more'
  succeeded(await gocker(['create', '--name', 'writer', ...mounting('src=tools,dst=/t,subpath=home,rw'), ...sh(script)]))
  for (const _ of [1, 2]) assert.equal((await gocker(['start', '-a', 'writer'])).stdout, '5:6:750\nmore\n')
  assert.equal(await output([...mounting('src=tools,dst=/t,subpath=home'), ...sh('ls -A /t')]), '')
})

test('an image stays as long as a container mounts it', async (t) => {
  t.after(() => gocker(['rm', '-f', 'user']))
  const prune = ['image', 'prune', '--all', '--force', '--filter', 'label=of=prune']
  await build('kept', 'FROM scratch\nLABEL of=prune\nCOPY b /\n')
  succeeded(await gocker(['create', '--name', 'user', ...mounting('src=kept,dst=/t'), ...sh('cat /t/b')]))
  refused(await gocker(['image', 'rm', 'kept']), 1, /container user mounts it/)
  succeeded(await gocker(prune))
  succeeded(await gocker(['image', 'inspect', 'kept']))
  succeeded(await gocker(['image', 'rm', '--force', 'kept']))
  // What it needs is there until it goes.
  assert.equal((await gocker(['start', '-a', 'user'])).stdout, 'b\n')
  await build('unused', 'FROM scratch\nLABEL of=prune\nCOPY a /\n')
  succeeded(await gocker(prune))
  refused(await gocker(['image', 'rm', 'unused']), 1, /finding image unused/)
})

test('an image that is not here is pulled, unless that is not wanted', async (t) => {
  const registry = await startRegistry()
  t.after(() => registry.stop())
  const name = `${registry.host}/data`
  await pushLayout(
    imageLayout(temporaryDirectory(t), { layers: [buildTar([{ name: 'file', content: 'pulled' }])] }),
    `${registry.url}/data:latest`,
  )
  const words = [...mounting(`src=${name},dst=/t`), ...sh('cat /t/file')]
  refused(await run(['--pull', 'never', ...words]), 125, /finding image .*\/data: there is none/)
  assert.equal(await output(words), 'pulled')
})

test('inspect and ps tell of it, and another container can have it, too', async (t) => {
  t.after(() => gocker(['rm', '-f', 'lender']))
  succeeded(await gocker(['create', '--name', 'lender', ...mounting('src=busybox,dst=/t,subpath=home,rw'), ...sh('true')]))
  const [{ Mounts, HostConfig }] = JSON.parse((await gocker(['inspect', 'lender'])).stdout)
  const [{ Id }] = JSON.parse((await gocker(['inspect', 'busybox'])).stdout)
  const common = { Type: 'image', Source: Id, Destination: '/t', Mode: '', Propagation: 'rprivate' }
  assert.deepEqual(Mounts, [{ ...common, Name: 'busybox', RW: true }])
  assert.deepEqual(HostConfig.Mounts, [{ Type: 'image', Source: 'busybox', Target: '/t', ImageOptions: { Subpath: 'home' } }])
  assert.equal((await gocker(['ps', '-a', '--format', '{{.Mounts}}'])).stdout, 'busybox\n')
  const script = 'ls /t; touch /t/x 2>&1; true'
  assert.equal(await output(['--volumes-from', 'lender:ro', ...sh(script)]), 'alice\ntouch: /t/x: Read-only file system\n')
})

test('what is no image mount is refused', async () => {
  for (const [fields, said] of [
    ['dst=/t', /the image is missing/],
    ['src=busybox,dst=/t,rw,readonly', /both readonly and rw/],
    ['src=busybox,dst=/t,volume-nocopy', /volume-nocopy is not for type image/],
    ['src=busybox,dst=/', /nothing can be mounted over/],
  ] as const)
    refused(await run([...mounting(fields), ...sh('true')]), 125, said)
})
