import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { ImageIndex } from '@gocker/oci'
import {
  buildTar,
  busyboxRootfs,
  gocker,
  inspectWithSkopeo,
  leaks,
  makeTemporaryDirectory,
  removeTree,
  temporaryDirectory,
} from '@gocker/testkit'
import { contextOf, listing } from './support/building.ts'
import { failedWith, pullFixture, succeeded } from './support/pulling.ts'

const root = makeTemporaryDirectory()
const fixture = await pullFixture()
after(() => removeTree(root))
before(async () => {
  succeeded(await gocker(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { root, input: busyboxRootfs() }))
})

const FILES = 'FROM scratch\nCOPY one /etc/one\nCOPY --chown=5:6 two /two\n'
const CONTEXT = { one: 'first\n', two: 'second\n' }

function contextWith(t: TestContext, gockerfile: string, files: Readonly<Record<string, string>> = CONTEXT): string {
  return contextOf(t, { ...files, Gockerfile: gockerfile })
}

async function built(...words: string[]): Promise<string> {
  const watch = leaks(root)
  const { stdout } = succeeded(await gocker(['build', '--network', 'none', ...words], { root }))
  watch.assertNone()
  return stdout
}

function skopeo(...words: string[]): string {
  return execFileSync('skopeo', ['--insecure-policy', ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

test('a directory gets the file system', async (t) => {
  const directory = join(temporaryDirectory(t), 'made/for/it')
  const context = contextWith(t, FILES)
  await built('-o', directory, context)
  assert.deepEqual(listing(directory), ['755 0:0 etc/', '644 0:0 etc/one first', '644 5:6 two second'])
  writeFileSync(join(directory, 'kept'), 'kept\n')
  writeFileSync(join(directory, 'two'), 'older, and longer\n')
  await built('--output', `type=local,dest=${directory}`, context)
  assert.deepEqual(readdirSync(directory).sort(), ['etc', 'kept', 'two'])
  assert.equal(readFileSync(join(directory, 'two'), 'utf8'), 'second\n')
})

test('a tar of the file system goes to stdout or to a file, without whiteouts', async (t) => {
  const context = contextWith(t, 'FROM base\nRUN rm /etc/os-release && echo new > /etc/new\n')
  const file = join(temporaryDirectory(t), 'files.tar')
  await built('-o', `type=tar,dest=${file}`, context)
  const names = execFileSync('tar', ['tf', file], { encoding: 'utf8' })
  assert.match(names, /etc\/new\n/)
  assert.doesNotMatch(names, /os-release/)
  const { stdoutBytes } = succeeded(await gocker(['build', '--network', 'none', '-o', '-', context], { root }))
  assert.equal(execFileSync('tar', ['tf', '-'], { encoding: 'utf8', input: stdoutBytes }), names)
})

test('an OCI archive and a docker archive are read by skopeo; names are in them only with -t', async (t) => {
  const context = contextWith(t, 'FROM base\nCOPY one /one\nCMD ["cat", "/one"]\n')
  const directory = temporaryDirectory(t)
  const [oci, docker, nameless] = ['oci', 'docker', 'nameless'].map((name) => join(directory, `${name}.tar`)) as [string, string, string]
  const id = (await built('-t', 'written:v1', '-o', `type=oci,dest=${oci}`, context)).trim()
  await built('-t', 'written:v1', '-o', `type=docker,dest=${docker}`, context)
  assert.equal(
    ((await inspectWithSkopeo(`oci-archive:${oci}:docker.io/library/written:v1`, '--raw')).config as { digest: string }).digest,
    id,
  )
  skopeo('copy', '--quiet', `docker-archive:${docker}:written:v1`, `oci:${join(directory, 'layout')}:x`)
  assert.doesNotMatch(execFileSync('tar', ['tf', oci], { encoding: 'utf8' }), /^manifest\.json$/m)
  await built('-o', `type=oci,dest=${nameless}`, context)
  assert.doesNotMatch(execFileSync('tar', ['xOf', nameless, 'index.json'], { encoding: 'utf8' }), /ref\.name/)
})

test('several platforms are one index; COPY needs no emulation', async (t) => {
  const context = contextWith(
    t,
    'FROM --platform=$BUILDPLATFORM base AS tools\nARG TARGETARCH\nRUN echo "for $TARGETARCH" > /made\nFROM scratch\nARG TARGETPLATFORM\nCOPY --from=tools /made /made\nLABEL platform=$TARGETPLATFORM\n',
  )
  const file = join(temporaryDirectory(t), 'both.tar')
  const stdout = await built('--platform', 'linux/amd64,linux/arm64', '-t', 'both', '-o', `type=oci,dest=${file}`, context)
  assert.equal(stdout.trim().split('\n').length, 2)
  const layout = join(temporaryDirectory(t), 'layout')
  skopeo('copy', '--quiet', '--all', `oci-archive:${file}:docker.io/library/both:latest`, `oci:${layout}:x`)
  for (const architecture of ['amd64', 'arm64']) {
    const config = JSON.parse(skopeo('inspect', '--override-arch', architecture, '--config', `oci:${layout}:x`))
    assert.equal(config.architecture, architecture)
    assert.deepEqual(config.config.Labels, { platform: `linux/${architecture}` })
  }
  const directory = join(temporaryDirectory(t), 'both')
  await built('--platform', 'linux/amd64,linux/arm64', '-o', directory, context)
  assert.equal(readFileSync(join(directory, 'linux_arm64/made'), 'utf8'), 'for arm64\n')
  assert.equal(readFileSync(join(directory, 'linux_amd64/made'), 'utf8'), 'for amd64\n')
})

test('what is built is pushed under its names: one image, or several platforms as an index', async (t) => {
  const context = contextWith(t, 'FROM scratch\nARG TARGETPLATFORM\nCOPY one /one\nLABEL platform=$TARGETPLATFORM\n')
  const name = `${fixture.registry.host}/pushed/built`
  const id = (await built('--push', '-t', `${name}:single`, context)).trim()
  assert.equal(((await inspectWithSkopeo(`docker://${name}:single`, '--raw')).config as { digest: string }).digest, id)
  const several = ['--platform', 'linux/amd64,linux/arm64', '-t', `${name}:several`, '-t', `${name}:again`]
  await built(...several, '-o', 'type=image,push=true', context)
  for (const tag of ['several', 'again']) {
    const { mediaType, manifests } = (await inspectWithSkopeo(`docker://${name}:${tag}`, '--raw')) as unknown as ImageIndex
    assert.equal(mediaType, 'application/vnd.oci.image.index.v1+json')
    assert.deepEqual(
      manifests.map(({ platform }) => platform?.architecture),
      ['amd64', 'arm64'],
    )
  }
  const layout = join(temporaryDirectory(t), 'layout')
  skopeo('copy', '--quiet', '--all', '--src-tls-verify=false', `docker://${name}:several`, `oci:${layout}:x`)
  const config = JSON.parse(skopeo('inspect', '--override-arch', 'arm64', '--config', `oci:${layout}:x`))
  assert.deepEqual(config.config.Labels, { platform: 'linux/arm64' })
})

test('each platform builds on its own base', async (t) => {
  const base = (architecture: string) => ({
    layers: [buildTar([{ name: 'arch', content: `${architecture}\n` }])],
    platform: { architecture, os: 'linux' },
  })
  const { name } = await fixture.pushed(t, [base('amd64'), base('arm64')])
  const context = contextWith(t, `FROM ${fixture.registry.host}/${name}\nCOPY one /one\n`)
  const directory = join(temporaryDirectory(t), 'files')
  await built('--platform', 'linux/amd64,linux/arm64', '-o', directory, context)
  for (const architecture of ['amd64', 'arm64'])
    assert.equal(readFileSync(join(directory, `linux_${architecture}/arch`), 'utf8'), `${architecture}\n`)
})

test('a RUN for another platform says what is missing', { skip: existsSync('/proc/sys/fs/binfmt_misc/qemu-s390x') }, async (t) => {
  const context = contextWith(t, 'FROM scratch\nCOPY one /one\nRUN ["/one"]\n')
  const result = await gocker(['build', '--network', 'none', '--platform', 'linux/s390x', context], { root })
  failedWith(result, /Gockerfile:3:1: RUN: programs of linux\/s390x cannot be run here: no handler in \S+ is for s390x/)
  assert.match(result.stderr, /hint: .*qemu-user-static/)
})

test('what cannot be written is refused before anything is built', async (t) => {
  const context = contextWith(t, FILES)
  const refused = async (words: readonly string[], why: RegExp) => {
    const result = await gocker(['build', '--network', 'none', ...words, context], { root })
    failedWith(result, why)
    assert.doesNotMatch(result.stderr, /COPY/)
  }
  await refused(['--platform', 'linux/amd64,linux/arm64'], /2 platforms: the store keeps one platform under a name/)
  await refused(['--platform', 'linux/amd64,linux/arm64', '-o', 'type=docker,dest=/tmp/x'], /an output of type docker holds one/)
  await refused(['--platform', 'linux/amd64,amd64', '-o', 'type=oci,dest=/tmp/x'], /linux\/amd64 is given twice/)
  await refused(['-o', 'type=zip'], /type is oci, docker, tar, local or registry, not "zip"/)
  await refused(['--push'], /pushing what is built: it has no name/)
  await refused(['--push', '-o', 'x', '-t', 'x'], /--push.* cannot be used with .*--output/)
  await refused(['-o', 'type=image'], /without push=true there is nothing to write/)
  await refused(['-o', 'type=registry,name=x', '-t', 'x'], /there are type and push, not "name"/)
  await refused(['-o', 'type=oci,to=x'], /there are type and dest, not "to"/)
  await refused(['-o', 'type=local'], /a directory has to be named/)
})

test('a file that cannot be written whole does not stay', async (t) => {
  const context = contextWith(t, FILES)
  failedWith(
    await gocker(['build', '--network', 'none', '-o', 'type=oci,dest=/nonexistent/file', context], { root }),
    /writing \/nonexistent\/file/,
  )
  const file = join(temporaryDirectory(t), 'in-the-way')
  writeFileSync(file, '')
  failedWith(await gocker(['build', '--network', 'none', '-o', file, context], { root }), /in-the-way/)
  assert.ok(statSync(file).isFile())
})
