import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { readMountInfo, unmount } from '@gocker/kernel'
import { debianRootfs } from '@gocker/testkit'
import { placeForCrun } from './crun-place.ts'
import type { Contestant } from './measure.ts'
import { GOCKER, isInstalled, NODE, storeWithDebian } from './subjects.ts'

/** Somebody who runs containers, with an image `debian` in a store of his own. */
export interface Peer {
  readonly name: string
  /** What comes before `run`, `rm` and so on. */
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The pids of what stays beside a running container to look after it. */
  keepers(id: string): number[]
}

export interface Peers {
  readonly peers: readonly Peer[]
  /** Who is not installed, or cannot be started, and why. */
  readonly missing: readonly string[]
  remove(): Promise<void>
}

/** What every command of Node costs. */
export const nothing: Contestant = { name: 'node -e 0', command: [NODE, '-e', '0'] }

/** @param check throws when the work was not done */
export function contestant({ name, command, environment }: Peer, words: readonly string[], check: (stdout: string) => void): Contestant {
  return { name, command: [...command, ...words], check, ...(environment !== undefined && { environment }) }
}

/** gocker, podman with either runtime, and docker, whose engine is started for the bench: all as they come. */
export async function peersWithDebian(): Promise<Peers> {
  const rootfs = await debianRootfs({ variant: 'plain' })
  const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-'))
  const { environment, remove } = await storeWithDebian()
  const gocker: Peer = {
    name: 'gocker',
    command: [NODE, GOCKER],
    environment,
    keepers: (id) => processesWith((text) => text.startsWith('gocker: ') && text.includes(nameOf(gocker, id))),
  }
  const { peer: docker, stop, why } = await startDocker(join(directory, 'docker'))
  const podmans = await openPodmans(directory)
  const peers = [gocker, ...podmans.peers, ...(docker === undefined ? [] : [docker])]
  for (const peer of peers.slice(1)) call(peer, ['import', rootfs, 'debian'])
  return {
    peers,
    missing: [...podmans.missing, ...(why === undefined ? [] : [`docker: ${why}`])],
    async remove() {
      for (const peer of peers)
        spawnSync(peer.command[0] ?? '', [...peer.command.slice(1), 'rm', '-f', ...containersOf(peer)], options(peer))
      await stop()
      podmans.close()
      remove()
      removeMounted(directory)
    },
  }
}

interface Podmans {
  readonly peers: Peer[]
  readonly missing: readonly string[]
  close(): void
}

/** One for each OCI runtime that is installed, in `directory`. */
async function openPodmans(directory: string): Promise<Podmans> {
  if (!isInstalled('podman')) return { peers: [], missing: ['podman: not installed'], close() {} }
  const missing = ['runc', 'crun'].filter((name) => !isInstalled(name)).map((name) => `podman with ${name}: ${name} is not installed`)
  const place = await placeForCrun()
  const peers = [
    ...(isInstalled('runc') ? [podmanIn(join(directory, 'podman-runc'), { runtime: 'runc', prefix: [] })] : []),
    ...(isInstalled('crun') ? [podmanIn(join(directory, 'podman-crun'), { runtime: 'crun', prefix: place.prefix })] : []),
  ]
  return { peers, missing, close: () => place.close() }
}

/** Removes a directory with what the others leave mounted in it. */
export function removeMounted(directory: string): void {
  for (const { mountPoint } of readMountInfo().toReversed()) if (mountPoint.startsWith(directory)) unmount(mountPoint)
  rmSync(directory, { recursive: true, force: true })
}

/** @throws {Error} when it fails */
export function call(peer: Peer, words: readonly string[]): string {
  const [program = '', ...before] = peer.command
  const { status, stdout, stderr } = spawnSync(program, [...before, ...words], options(peer))
  if (status !== 0) throw new Error(`${peer.name} ${words.join(' ')}: ended with ${status}: ${stderr}`)
  return stdout.trim()
}

/** Every container, running or not. */
export function containersOf(peer: Peer): string[] {
  return call(peer, ['ps', '-aq', '--no-trunc']).split('\n').filter(Boolean)
}

function options({ environment }: Peer) {
  return { encoding: 'utf8', env: { ...process.env, ...environment } } as const
}

/** podman with all its state in `directory`, which it makes. */
export function podmanIn(directory: string, { runtime, prefix }: { runtime: string; prefix: readonly string[] }): Peer {
  mkdirSync(directory)
  // It asks for more descriptors and processes than this machine may have.
  const settings = join(directory, 'containers.conf')
  writeFileSync(settings, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n')
  const places = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')]
  const command = [...prefix, 'podman', ...places, '--cgroup-manager', 'cgroupfs', '--runtime', runtime]
  return {
    name: `podman (${runtime})`,
    command,
    environment: { CONTAINERS_CONF: settings },
    keepers: (id) => processesWith((text) => text.includes('conmon') && text.includes(id)),
  }
}

/** docker's engine with all its state in `directory`; `why` there is none. */
export async function startDocker(directory: string): Promise<{ peer?: Peer; why?: string; stop(): Promise<void> }> {
  const stop = async () => {}
  if (!isInstalled('dockerd')) return { why: 'not installed', stop }
  const socket = `unix://${directory}/socket`
  const state = ['--data-root', `${directory}/data`, '--exec-root', `${directory}/exec`, '--pidfile', `${directory}/pid`]
  const engine = spawn('dockerd', [...state, '-H', socket], { stdio: 'ignore' })
  const peer: Peer = {
    name: 'docker',
    command: ['/usr/bin/docker', '-H', socket],
    keepers: (id) => processesWith((text) => text.includes('containerd-shim') && text.includes(id)),
  }
  for (let tries = 0; tries < 100; tries++) {
    if (spawnSync('/usr/bin/docker', ['-H', socket, 'info'], { stdio: 'ignore' }).status === 0) return { peer, stop: () => ended(engine) }
    await setTimeout(200)
  }
  await ended(engine)
  return { why: 'its engine did not start', stop }
}

async function ended(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return
  const gone = new Promise((resolve) => engine.once('exit', resolve))
  engine.kill('SIGTERM')
  await gone
}

function nameOf(peer: Peer, id: string): string {
  return call(peer, ['inspect', '--format', '{{.Name}}', id]).replace(/^\//, '')
}

export function processesWith(isWanted: (commandLine: string) => boolean): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => isWanted(commandLine(pid))).map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}
