import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { cachePath, debianRootfs, madeOnce, SCHEMAS } from '@gocker/testkit'
import { runQuietly } from './command.ts'
import { isForeign, type Machine } from './machine.ts'
import type { Suite } from './suites.ts'

/** Of node_modules: tools that make and check gocker, and Node itself, which is put into `bin`. */
const NOT_NEEDED = /^(@biomejs\+|@esbuild\+|esbuild@|@oxc-|oxc-|@typescript\+|typescript@|knip@|node@|zod@|@types\+)/

export interface DiskOptions {
  readonly suites: readonly Suite[]
  /** Where the disk is made, below the checkout: what can be is linked and not copied. */
  readonly directory: string
  readonly signal: AbortSignal
}

/**
 * Makes a disk with this checkout as it is now, its npm packages for the machine's processor, Node, and the list of suites.
 * @returns its path
 */
export async function checkoutDisk(machine: Machine, { suites, directory, signal }: DiskOptions): Promise<string> {
  const stage = mkdtempSync(join(directory, 'stage-'))
  await link(await ownFiles(), stage)
  await link(['node_modules', ...globSync('packages/*/node_modules')], stage)
  // Here, since who works in the checkout may be using its bundle.
  await runQuietly(['env', `--chdir=${stage}`, process.execPath, 'scripts/build.ts'], { signal })
  leaveOut(stage)
  await putNode(machine, join(stage, 'bin'))
  if (isForeign(machine)) await putKoffi(machine, stage)
  else await link([relative('.', await debianRootfs())], stage)
  await putSchemas(stage)
  putSuites(suites, stage)
  const disk = join(directory, 'checkout')
  const megabytes = Number((await runQuietly(['du', '-sm', stage])).split('\t')[0])
  await runQuietly(['mke2fs', '-q', '-t', 'ext4', '-O', '^has_journal', '-d', stage, disk, `${Math.ceil(megabytes * 1.2) + 64}M`], {
    signal,
  })
  rmSync(stage, { recursive: true })
  return disk
}

/** What git knows or would add. */
async function ownFiles(): Promise<string[]> {
  const listed = await runQuietly(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const files = listed.split('\0').filter((file) => file !== '' && existsSync(file))
  return [...new Set(files)]
}

async function link(paths: readonly string[], stage: string): Promise<void> {
  const script = 'xargs -0 cp --archive --link --parents --target-directory="$1" < "$2"'
  const list = join(stage, '.list')
  writeFileSync(list, paths.join('\0'))
  await runQuietly(['sh', '-c', script, 'sh', stage, list])
  rmSync(list)
}

function leaveOut(stage: string): void {
  const packages = join(stage, 'node_modules/.pnpm')
  for (const name of readdirSync(packages).filter((each) => NOT_NEEDED.test(each))) rmSync(join(packages, name), { recursive: true })
}

async function putNode(machine: Machine, bin: string): Promise<void> {
  mkdirSync(bin)
  const program = isForeign(machine)
    ? join(await fromNpm(`node-linux-${machine.architecture}`, process.versions.node), 'bin/node')
    : process.execPath
  await runQuietly(['cp', '--dereference', program, join(bin, 'node')])
}

/** koffi has a package for each processor beside it. */
async function putKoffi({ architecture }: Machine, stage: string): Promise<void> {
  const [koffi] = globSync(join(stage, 'node_modules/.pnpm/koffi@*/node_modules/koffi/package.json'))
  if (koffi === undefined) throw new Error('looking for koffi in node_modules: it is not there')
  const { version } = JSON.parse(readFileSync(koffi, 'utf8')) as { version: string }
  const name = `@koromix/koffi-linux-${architecture}`
  const place = join(dirname(koffi), '..', name)
  await runQuietly(['cp', '--archive', await fromNpm(name, version), place])
}

/** The directory of a package of the npm registry, kept in `.cache`. */
function fromNpm(name: string, version: string): Promise<string> {
  return madeOnce(cachePath(`npm-${basename(name)}`, [name, version]), async (temporary) => {
    mkdirSync(temporary)
    const [packed] = JSON.parse(await runQuietly(['npm', 'pack', '--json', '--pack-destination', temporary, `${name}@${version}`])) as [
      { filename: string },
    ]
    const archive = join(temporary, packed.filename)
    await runQuietly(['tar', '-x', '--strip-components=1', '--no-same-owner', '-f', archive, '-C', temporary])
    rmSync(archive)
  })
}

/** What else is read of the machine that this is made on: the specifications' schemas, which Debian has for all processors alike. */
async function putSchemas(stage: string): Promise<void> {
  const place = join(stage, 'shared', SCHEMAS)
  mkdirSync(dirname(place), { recursive: true })
  await runQuietly(['cp', '--archive', SCHEMAS, place])
}

function putSuites(suites: readonly Suite[], stage: string): void {
  writeFileSync(join(stage, 'suites'), suites.map(({ name }) => `${name}\n`).join(''))
  for (const { name, files } of suites) {
    // In the order of the list.
    const all = files.flatMap((file) => globSync(file))
    writeFileSync(join(stage, `suite-${name}`), all.map((file) => `${file}\n`).join(''))
  }
}
