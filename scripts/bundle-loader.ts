// Runs the parts of the bundle, which scripts/build.ts puts behind this.

/** Where a unit of parts is behind the loader, as brotli and base64 have it. */
type Place = readonly [offset: number, length: number]
type Part = (exports: object, load: Load, url: string, require: NodeJS.Require) => void
type Load = ((name: string) => unknown) & { later?: (name: string) => Promise<unknown> }

/** The first unit, which is needed always. */
declare const FIRST: Readonly<Record<string, Part>>
/** Where the second unit begins in the file. */
declare const START: number
/** From the second on. */
declare const UNITS: readonly Place[]
/** Names this very content. */
declare const BUILD: string

const fs = require('node:fs') as typeof import('node:fs')
/** The exit code of what gocker itself could not do. */
const OWN_FAILURE = 125
const url = `file://${encodeURI(__filename)}`
const loaded = new Map<string, object>()
const units: Readonly<Record<string, Part>>[] = [FIRST]

/**
 * V8's code is of the functions that were called when it was kept, so what must start quickly has its own, which no other command has made.
 */
const QUICK = 'run exec build start container create stop rm ps images inspect logs pull runtime gocker-thread'.split(' ')
const called = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? ''
const kind = QUICK.includes(called) ? called : 'other'
/** It has its mark for a last word. */
const isThread = process.argv.at(-1) === 'gocker-thread'

interface Source {
  /** Open from the beginning: a thread may have another root directory when it needs a part. */
  readonly bundle: number
  readonly cache: string | undefined
  /** A thread's root directory at its beginning. */
  readonly root: string | undefined
}

/** Where other units than the first come from; not every call needs one. */
let source: Source | undefined
/** Kept at the end, when V8 has compiled the functions that were called. */
const toKeep: (() => void)[] = []

const load: Load = (name) => {
  const known = loaded.get(name)
  if (known !== undefined) return known
  // A part's name begins with the number of its unit.
  const unit = Number.parseInt(name, 10)
  if (Number.isNaN(unit)) return keepLoaded(name, require(name))
  const exports = {}
  loaded.set(name, exports)
  units[unit] ??= compiled(unit)
  units[unit][name]?.(exports, load, url, require)
  return exports
}
load.later = async (name) => load(name)

/** Node's own modules: some hundred times they are asked for, and require() takes its time each time. */
function keepLoaded(name: string, module: object): object {
  loaded.set(name, module)
  return module
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  fs.writeSync(2, `gocker: starting: it needs Node 22.19 or later, and this is ${process.version}\n`)
  process.exitCode = OWN_FAILURE
} else load('0/main.js')

/** The parts of a unit as functions; its text and V8's code for it are kept, so that the next process need not unpack and compile it. */
function compiled(unit: number): Readonly<Record<string, Part>> {
  source ??= openSource()
  const { bundle } = source
  const cache = trustedCache()
  const [textFile, codeFile] = [`${cache}/${unit}`, `${cache}/${unit}-${kind}`]
  const kept = cache === undefined ? undefined : contentOf(textFile)
  const text = kept?.toString('latin1') ?? textOf(unit, bundle)
  const code = kept === undefined ? undefined : contentOf(codeFile)
  const vm = require('node:vm') as typeof import('node:vm')
  const script = new vm.Script(text, { filename: `${__filename}/${unit}`, ...(code !== undefined && { cachedData: code }) })
  if (cache !== undefined) {
    if (kept === undefined) toKeep.push(() => keep(textFile, Buffer.from(text, 'latin1')))
    if (code === undefined || script.cachedDataRejected === true) toKeep.push(() => keep(codeFile, script.createCachedData()))
  }
  return script.runInThisContext() as Readonly<Record<string, Part>>
}

function openSource(): Source {
  process.once('exit', (exitCode) => {
    // A command that fails early has called few of the functions that the next one will need.
    if (exitCode !== OWN_FAILURE) keepAll()
  })
  // Threads are ended without a word: theirs is kept when the first task is done.
  if (isThread) setTimeout(keepAll, 200).unref()
  return { bundle: fs.openSync(__filename, 'r'), cache: codeCache(), root: isThread ? rootDirectory() : undefined }
}

/**
 * None in a thread that has another root directory by now: one that writes a layer has it as its own, and what is below that is the image's, to
 * be neither run nor added to.
 */
function trustedCache(): string | undefined {
  return source?.root === undefined || source.root === rootDirectory() ? source?.cache : undefined
}

function rootDirectory(): string {
  const { dev, ino } = fs.statSync('/')
  return `${dev} ${ino}`
}

function keepAll(): void {
  if (trustedCache() !== undefined) for (const keepOne of toKeep.splice(0)) keepOne()
}

function textOf(unit: number, bundle: number): string {
  const [offset, length] = UNITS[unit - 1] as Place
  const bytes = Buffer.allocUnsafe(length)
  fs.readSync(bundle, bytes, 0, length, START + offset)
  const { brotliDecompressSync } = require('node:zlib') as typeof import('node:zlib')
  return brotliDecompressSync(Buffer.from(bytes.toString('latin1'), 'base64')).toString('latin1')
}

/**
 * A directory for V8's code in gocker's run directory, which store/src/locations.ts names. Only one that nobody but this user can
 * write is trusted: what is in it is run.
 */
function codeCache(): string | undefined {
  const uid = process.getuid?.() ?? -1
  const { GOCKER_RUN, XDG_RUNTIME_DIR } = process.env
  const run = GOCKER_RUN || (uid === 0 ? '/run/gocker' : XDG_RUNTIME_DIR && `${XDG_RUNTIME_DIR}/gocker`)
  const stats = run === undefined || run === '' ? undefined : fs.lstatSync(run, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isDirectory() || stats.uid !== uid || (stats.mode & 0o022) !== 0) return undefined
  return `${run}/code-${BUILD}-${process.version}`
}

function contentOf(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file)
  } catch {
    return undefined
  }
}

/** Whole or not at all; where it cannot be kept, the next process compiles again. */
function keep(file: string, content: Buffer): void {
  const directory = file.slice(0, file.lastIndexOf('/'))
  // Threads of one process keep the same files.
  const part = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`
  try {
    if (fs.mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) removeOthers(directory)
    fs.writeFileSync(part, content, { mode: 0o600 })
    fs.renameSync(part, file)
  } catch {
    fs.rmSync(part, { force: true })
  }
}

/** What another build has left; one that is still in use is made again. */
function removeOthers(directory: string): void {
  const run = directory.slice(0, directory.lastIndexOf('/'))
  for (const name of fs.readdirSync(run))
    if (name.startsWith('code-') && `${run}/${name}` !== directory) fs.rmSync(`${run}/${name}`, { recursive: true, force: true })
}
