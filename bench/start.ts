import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContainer } from '@gocker/run'
import { openStore, type Store } from '@gocker/store'
import { debianRootfs } from '@gocker/testkit'
import { placeForCrun } from './crun-place.ts'
import { type Measured, measuredOf } from './measure.ts'
import { removeMounted } from './peers.ts'
import { type Report, timeTable } from './report.ts'
import { isInstalled, storeWithDebian } from './subjects.ts'

const LIBRARY = 'gocker (library)'
const WARMUPS = 3

/** One way to run the container once: milliseconds from its start to its end. */
type Runner = readonly [name: string, run: () => Promise<number>]

/** A container's start to its end in a process that runs already, beside runtimes that run the same bundle. */
export async function start(runs: number): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-start-'))
  const { environment, remove } = await storeWithDebian()
  const store = await openStore({ root: environment.GOCKER_ROOT ?? '', run: environment.GOCKER_RUN ?? '' })
  // Before others get mounts of their own, so that it is among them.
  const bundle = await makeBundle(store, directory)
  const place = await placeForCrun()
  try {
    const runners: Runner[] = [
      [LIBRARY, () => startOnce(store)],
      ['gocker (library), made and removed too', () => runOnce(store)],
      ...(isInstalled('crun') ? [runtime('crun', bundle, place.prefix)] : []),
      ...(isInstalled('runc') ? [runtime('runc', bundle, [])] : []),
      ...(isInstalled('bwrap') ? [bubblewrap(bundle)] : []),
      ['a process that does nothing', async () => spawn(['true'])],
    ]
    const missing = ['crun', 'runc', 'bwrap'].filter((name) => !isInstalled(name)).map((name) => `${name}: not installed`)
    return { tables: [timeTable('start to end of a container', await inTurn(runners, runs), LIBRARY)], missing }
  } finally {
    place.close()
    removeMounted(directory)
    remove()
  }
}

async function inTurn(runners: readonly Runner[], runs: number): Promise<Measured[]> {
  const times = new Map(runners.map(([name]) => [name, [] as number[]]))
  for (let run = -WARMUPS; run < runs; run++)
    for (const [name, runner] of runners) {
      const time = await runner()
      if (run >= 0) times.get(name)?.push(time)
    }
  return Array.from(times, measuredOf)
}

async function create(store: Store) {
  return await createContainer({ store, image: await store.images.get('debian'), network: 'none', command: ['true'] })
}

async function startOnce(store: Store): Promise<number> {
  const container = await create(store)
  try {
    const started = performance.now()
    const { code } = await (await container.start({ stdio: { stdout: 'ignore', stderr: 'ignore' } })).exited
    const time = performance.now() - started
    if (code !== 0) throw new Error(`the container ended with ${code}`)
    return time
  } finally {
    await container.remove()
  }
}

async function runOnce(store: Store): Promise<number> {
  const started = performance.now()
  await startOnce(store)
  return performance.now() - started
}

/** The bundle that gocker makes, with the same filter of system calls, and its root mounted for those who do not mount any. */
async function makeBundle(store: Store, directory: string): Promise<string> {
  const container = await create(store)
  const bundle = join(directory, 'bundle')
  const directories = ['bundle/rootfs', 'lower', 'upper', 'work'].map((name) => join(directory, name))
  for (const made of directories) mkdirSync(made, { recursive: true })
  const [rootfs = '', lower = '', upper, work] = directories
  spawn(['tar', '-x', '-f', await debianRootfs({ variant: 'plain' }), '-C', lower])
  spawn(['mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, rootfs])
  const spec = JSON.parse(readFileSync(store.paths.bundle(container.id).config, 'utf8'))
  const linux = { ...spec.linux, cgroupsPath: '/gocker-bench' }
  // The files of the container go with it.
  const mounts = spec.mounts.filter(({ type }: { type: string }) => type !== 'bind')
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ...spec, root: { path: 'rootfs' }, linux, mounts }))
  await container.remove()
  return bundle
}

function runtime(name: string, bundle: string, prefix: readonly string[]): Runner {
  return [`${name} run`, async () => spawn([...prefix, name, 'run', '--bundle', bundle, `bench-${process.pid}`])]
}

function bubblewrap(bundle: string): Runner {
  return [
    'bwrap',
    async () => spawn(['bwrap', '--unshare-all', '--bind', `${bundle}/rootfs`, '/', '--proc', '/proc', '--dev', '/dev', 'true']),
  ]
}

/** @returns milliseconds */
function spawn([program = '', ...words]: readonly string[]): number {
  const started = performance.now()
  const { status, stderr, error } = spawnSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  const time = performance.now() - started
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ended with ${status}: ${stderr}`)
  return time
}
