import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { missingPackages, SCHEMAS } from '@gocker/testkit'
import { apt, isThere } from '../scripts/requirements.ts'
import { baseImage } from './base-image.ts'
import { boot } from './boot.ts'
import { checkoutDisk } from './checkout-disk.ts'
import { isForeign, type Machine, machineOf } from './machine.ts'
import { Results } from './results.ts'
import { type Suite, suitesFor } from './suites.ts'

/** `pnpm test:vm [--arch x64|arm64] [--suite root|rootless] [--deadline MINUTES] [FILE...]`: runs tests in a machine with Debian's own kernel. */
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    arch: { type: 'string', default: process.arch },
    suite: { type: 'string' },
    deadline: { type: 'string', default: '90' },
  },
})
const machine = machineOf(values.arch)
const suites = chosenSuites()
installNeeded()
const directory = workshop()
const signal = AbortSignal.any([AbortSignal.timeout(Number(values.deadline) * 60_000), interrupted()])
try {
  process.exitCode = (await runInside()) ? 0 : 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true })
}

async function runInside(): Promise<boolean> {
  const image = await timed(`Debian for ${machine.debian}`, () => baseImage(machine, signal))
  const checkout = await timed('disk with the checkout', () => checkoutDisk(machine, { suites, directory, signal }))
  const ended = new Map<string, string>()
  const date = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const results = new Results({ page: 'vm/README.md', architecture: machine.architecture, date })
  const onLine = (line: string) => {
    console.log(line)
    results.take(line)
    const [, name, code] = /^# ended (\w+) (\d+)$/.exec(line) ?? []
    if (name !== undefined && code !== undefined) ended.set(name, code)
  }
  await timed('machine', () => boot({ machine, image, checkout, directory, signal, onLine }))
  for (const { name } of suites)
    console.log(`${name}: ${ended.get(name) === '0' ? 'passed' : `ended with ${ended.get(name) ?? 'nothing'}`}`)
  return suites.every(({ name }) => ended.get(name) === '0')
}

/** Of the list, or the files that were named. */
function chosenSuites(): Suite[] {
  const all = suitesFor(machine.architecture)
  const chosen = values.suite === undefined ? all : all.filter(({ name }) => name === values.suite)
  const suites = positionals.length === 0 ? chosen : chosen.slice(0, 1).map((suite) => ({ ...suite, files: positionals }))
  if (suites.length === 0) throw new Error(`choosing suite ${values.suite} for ${machine.architecture}: there is none`)
  return suites
}

function installNeeded(): void {
  const missing = missingPackages(needed(machine)).map(({ name }) => name)
  if (process.getuid?.() !== 0) throw new Error('making a machine: this needs root')
  if (missing.length === 0) return
  console.log(`# Debian packages: ${missing.join(' ')}`)
  if (!isThere('apt-get')) throw new Error(`making a machine: these Debian packages are missing: ${missing.join(' ')}`)
  apt(['update'])
  apt(['install', '-y', '--no-install-recommends', ...missing])
}

function needed({ qemuPackage, qemu }: Machine) {
  const emulator = { name: 'qemu-user-static', shows: 'qemu-aarch64-static', why: 'runs the scripts of packages of another processor' }
  return [
    { name: qemuPackage, shows: qemu, why: 'is the machine' },
    { name: 'mmdebstrap', shows: 'mmdebstrap', why: 'makes its Debian' },
    { name: 'e2fsprogs', shows: 'mke2fs', why: 'makes its disks' },
    { name: 'golang-github-opencontainers-specs-dev', shows: join(SCHEMAS, 'runtime-spec'), why: 'the schemas of the specifications' },
    { name: 'busybox-static', shows: '/bin/busybox', why: 'the small root file system of the tests' },
    ...(isForeign(machine) ? [emulator] : []),
  ]
}

/** Below the checkout, where its files can be linked to. */
function workshop(): string {
  mkdirSync('.cache', { recursive: true })
  return mkdtempSync('.cache/vm-run-')
}

function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort(new Error(name)))
  return controller.signal
}

async function timed<Result>(what: string, make: () => Promise<Result>): Promise<Result> {
  const start = performance.now()
  try {
    return await make()
  } finally {
    console.log(`# ${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
}
