import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from '@gocker/build'
import { createContainer } from '@gocker/run'
import { openStore, type Store } from '@gocker/store'
import { startRegistry } from '@gocker/testkit'
import { type Contestant, type Measured, measure } from './measure.ts'
import { call, contestant, type Peer } from './peers.ts'
import type { Report, Table } from './report.ts'
import { GOCKER, NODE, storeWithDebian } from './subjects.ts'

const SIZES = [10, 100, 1000]
const GOCKERFILE = 'FROM debian\nCOPY file .\n'
/** Steps of one of the builds that fill the cache: an image may have only so many layers. */
const STEPS = 50

/** The same commands in stores with more and more containers, images and results of builds. */
export async function scale(runs: number): Promise<Report> {
  const { environment, remove } = await storeWithDebian()
  const gocker: Peer = { name: 'gocker', command: [NODE, GOCKER], environment, keepers: () => [] }
  const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-scale-'))
  await using registry = await startRegistry()
  try {
    const store = await openStore({ root: environment.GOCKER_ROOT ?? '', run: environment.GOCKER_RUN ?? '' })
    const reference = `${registry.host}/small:latest`
    const context = contextIn(directory)
    call(gocker, ['build', '--quiet', '--tag', reference, context])
    call(gocker, ['push', '--quiet', '--insecure', reference])
    const measured = new Map<number, Measured[]>()
    let filled = 0
    for (const size of SIZES) {
      await rememberSteps(store, context, { from: filled, to: size })
      for (; filled < size; filled++) await addOne(store, filled)
      measured.set(size, measure(commands(gocker, { size, reference, context }), { runs }))
    }
    return { tables: [scaleTable(measured)] }
  } finally {
    rmSync(directory, { recursive: true, force: true })
    remove()
  }
}

function contextIn(directory: string): string {
  const context = join(directory, 'context')
  mkdirSync(context)
  writeFileSync(join(context, 'Gockerfile'), GOCKERFILE)
  writeFileSync(join(context, 'file'), 'content\n')
  return context
}

/** Builds whose steps nobody has asked for before. */
async function rememberSteps(store: Store, context: string, { from, to }: { from: number; to: number }): Promise<void> {
  const file = join(context, 'Gockerfile.many')
  for (let first = from; first < to; first += STEPS) {
    const steps = Array.from({ length: Math.min(STEPS, to - first) }, (_, index) => `COPY file /made-${first + index}/`)
    writeFileSync(file, ['FROM debian', ...steps, ''].join('\n'))
    await build({ store, context, file })
  }
  rmSync(file)
}

/** One more container, and one more image. */
async function addOne(store: Store, number: number): Promise<void> {
  const debian = await store.images.get('debian')
  await createContainer({ store, image: debian, network: 'none', command: ['true'], name: `container-${number}` })
  const created = new Date(number * 1000).toISOString()
  const config = Buffer.from(JSON.stringify({ ...debian.config, created }))
  const descriptor = { ...debian.manifest.config, digest: await store.blobs.put(config), size: config.length }
  const manifest = Buffer.from(JSON.stringify({ ...debian.manifest, config: descriptor }))
  const digest = await store.blobs.put(manifest)
  await store.images.tag(`image-${number}`, { ...debian.descriptor, digest, size: manifest.length })
}

interface Filled {
  readonly size: number
  readonly reference: string
  readonly context: string
}

function commands(gocker: Peer, { size, reference, context }: Filled): Contestant[] {
  const expectLines = (what: string, least: number) => (said: string) => {
    const lines = said.trim().split('\n').length
    if (lines < least) throw new Error(`${what} of ${least} has ${lines} lines`)
  }
  const forget = () => void call(gocker, ['rmi', reference])
  return [
    contestant(gocker, ['ps', '--all', '--quiet'], expectLines('ps', size)),
    contestant(gocker, ['ps'], expectLines('ps', 1)),
    contestant(gocker, ['ps', '--all'], expectLines('ps', size + 1)),
    contestant(gocker, ['images'], expectLines('images', size + 1)),
    { ...contestant(gocker, ['pull', '--quiet', '--insecure', reference], expectLines('pull', 1)), before: forget },
    contestant(gocker, ['build', '--quiet', context], expectLines('build', 1)),
    contestant(gocker, ['run', '--rm', '--network', 'none', 'debian', 'true'], () => {}),
  ].map((each) => ({
    ...each,
    name: each.command.slice(gocker.command.length).join(' ').replace(reference, 'IMAGE').replace(context, '.'),
  }))
}

/** How many times as long each command takes in the largest store as in the smallest. */
function scaleTable(measured: ReadonlyMap<number, readonly Measured[]>): Table {
  const names = [...measured.values()][0]?.map(({ name }) => name) ?? []
  const rows = names.map((name) => {
    const medians = Array.from(
      measured,
      ([size, all]) => [`${size}: ms`, all.find((each) => each.name === name)?.median ?? Number.NaN] as const,
    )
    const [least = Number.NaN, most = Number.NaN] = [medians[0]?.[1], medians.at(-1)?.[1]]
    return { what: name, ...Object.fromEntries(medians), ratio: most / least }
  })
  return { title: `containers, images and builds in the store: ${SIZES.join(', ')}`, rows }
}
