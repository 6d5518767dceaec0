// Runs the parts of the bundle; scripts/build.ts puts it at the beginning of the one file.

/** Where a part is in the comment behind this code. */
type Part = readonly [offset: number, length: number, isCompressed: boolean]
type Run = (exports: object, require: (name: string) => unknown, module: Module, url: string) => void

interface Module {
  exports: object
}

declare const PARTS: Readonly<Record<string, Part>>
/** Where the comment's content begins in the file. */
declare const START: number
/** Names this very content. */
declare const BUILD: string

const fs = require('node:fs') as typeof import('node:fs')
const bundle = fs.openSync(__filename, 'r')
const loaded = new Map<string, Module>()
/**
 * Not in a thread, which has its mark for a last word: one that writes a layer has it as its root directory, and what is below that is the
 * image's, to be neither run nor added to.
 */
const cache = process.argv.at(-1) === 'gocker-thread' ? undefined : codeCache()

/** Kept at the end, when V8 has compiled the functions that were called. */
const toKeep: (readonly [file: string, script: import('node:vm').Script])[] = []
process.once('exit', () => {
  for (const [file, script] of toKeep) keep(file, script.createCachedData())
})

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  fs.writeSync(2, `gocker: starting: it needs Node 22.19 or later, and this is ${process.version}\n`)
  process.exitCode = 125
} else load('./main.js')

function load(name: string): unknown {
  const part = PARTS[name]
  if (part === undefined) return require(name)
  const known = loaded.get(name)
  if (known !== undefined) return known.exports
  const module: Module = { exports: {} }
  loaded.set(name, module)
  compiled(name, textOf(part))(module.exports, load, module, `file://${encodeURI(__filename)}`)
  return module.exports
}

function textOf([offset, length, isCompressed]: Part): string {
  const bytes = Buffer.allocUnsafe(length)
  fs.readSync(bundle, bytes, 0, length, START + offset)
  if (!isCompressed) return bytes.toString('latin1').replaceAll('*\x01/', '*/')
  const { brotliDecompressSync } = require('node:zlib') as typeof import('node:zlib')
  return brotliDecompressSync(Buffer.from(bytes.toString('latin1'), 'base64')).toString()
}

/** A part as a function; V8's code for it is kept, so that the next process need not compile it. */
function compiled(name: string, text: string): Run {
  const { Script } = require('node:vm') as typeof import('node:vm')
  const file = cache === undefined ? undefined : `${cache}/${name.slice(2)}.code`
  const cachedData = file === undefined ? undefined : contentOf(file)
  const script = new Script(text, { filename: `${__filename}/${name}`, ...(cachedData !== undefined && { cachedData }) })
  if (file !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) toKeep.push([file, script])
  return script.runInThisContext() as Run
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
function keep(file: string, code: Buffer): void {
  const directory = file.slice(0, file.lastIndexOf('/'))
  const part = `${file}.${process.pid}`
  try {
    if (fs.mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) removeOthers(directory)
    fs.writeFileSync(part, code, { mode: 0o600 })
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
