import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  busyboxRootfs,
  type CommandResult,
  gocker,
  makeAuthority,
  makeTemporaryDirectory,
  type Registry,
  removeTree,
  startCommand,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
} from '@gocker/testkit'
import { succeeded } from './support/pulling.ts'

const place = makeTemporaryDirectory()
const settings = join(place, 'containers.conf')
const storage = ['--root', join(place, 'root'), '--runroot', join(place, 'run'), '--tmpdir', join(place, 'tmp'), '--storage-driver', 'vfs']
const podmanCommand = ['podman', ...storage, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none', '--runtime', 'runc']

before(() => {
  // It asks for more descriptors and processes than a machine of tests may have.
  writeFileSync(settings, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n')
  mkdirSync(join(place, 'tmp'))
})

after(async () => {
  await other([...podmanCommand, 'rm', '--all', '--force', '--time', '0'])
  for (const name of ['root/overlay', 'root']) spawnSync('umount', [join(place, name)], { stdio: 'ignore' })
  removeTree(place)
})

function other(command: readonly string[]): Promise<CommandResult> {
  return startCommand(command, { env: { ...process.env, CONTAINERS_CONF: settings } }).result
}

const podman = async (...words: readonly string[]) => succeeded(await other([...podmanCommand, ...words]))

/** A registry, how the others are told of it, and the home of a gocker that is. */
interface Party {
  readonly registry: Registry
  readonly root: string
  readonly certificates: string
  readonly authfile: string
}

async function party(t: TestContext, registry: Registry, { authority, auth }: { authority?: string; auth?: string } = {}): Promise<Party> {
  t.after(() => registry.stop())
  const root = temporaryDirectory(t)
  const certificates = join(root, '.config/containers/certs.d', registry.host)
  mkdirSync(certificates, { recursive: true })
  if (authority !== undefined) copyFileSync(authority, join(certificates, 'ca.crt'))
  const authfile = join(root, 'auth.json')
  writeFileSync(authfile, JSON.stringify({ auths: auth === undefined ? {} : { [registry.host]: { auth } } }))
  return { registry, root, certificates, authfile }
}

const PARTIES: Readonly<Record<string, (t: TestContext) => Promise<Party>>> = {
  'a plain registry': async (t) => await party(t, await startRegistry()),
  'a registry with TLS and an authority of its own': async (t) => {
    const authority = makeAuthority(temporaryDirectory(t))
    return await party(t, await startRegistry({ tls: authority.issue('registry') }), { authority: authority.certificateFile })
  },
  'a registry with tokens': async (t) => {
    const tokens = await startTokenServer({ users: { alice: { password: 'secret' } } })
    t.after(() => tokens[Symbol.asyncDispose]())
    return await party(t, await startRegistry({ auth: tokens.auth }), { auth: Buffer.from('alice:secret').toString('base64') })
  },
}

const SAYS = ['sh', '-c', 'echo from $0', 'here']

for (const [title, opened] of Object.entries(PARTIES))
  test(`${title}: what gocker pushes podman runs, and what podman and skopeo push gocker runs`, async (t) => {
    const { registry, root, certificates, authfile } = await opened(t)
    const isPlain = !registry.url.startsWith('https:')
    const verified = isPlain ? ['--tls-verify=false'] : ['--cert-dir', certificates]
    const [ours, podmans, skopeos] = ['ours', 'podmans', 'skopeos'].map((name) => `${registry.host}/${name}:1`) as [string, string, string]
    succeeded(await gocker(['import', '-', ours], { root, input: busyboxRootfs() }))
    succeeded(await gocker(['push', '--authfile', authfile, ours], { root }))

    await podman('pull', '-q', ...verified, '--authfile', authfile, ours)
    const { stdout } = await podman('run', '--rm', '--network', 'none', ours, ...SAYS)
    assert.equal(stdout, 'from here\n')
    await podman('push', '-q', ...verified, '--authfile', authfile, ours, podmans)
    const sides = ['src', 'dest'].flatMap((side) => verified.map((word) => word.replace(/^--/, `--${side}-`)))
    const copied = ['skopeo', '--insecure-policy', 'copy', '--quiet', '--authfile', authfile, ...sides]
    succeeded(await other([...copied, '--format', 'v2s2', `docker://${ours}`, `docker://${skopeos}`]))

    for (const name of [podmans, skopeos]) {
      succeeded(await gocker(['pull', '--authfile', authfile, name], { root }))
      assert.equal(succeeded(await gocker(['run', '--rm', '--network', 'none', name, ...SAYS], { root })).stdout, 'from here\n')
    }
    await podman('rmi', '-af')
  })
