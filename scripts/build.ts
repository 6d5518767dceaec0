import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build, type PluginBuild, transform } from 'esbuild'
import { importDirectly } from './direct-imports.ts'
import { linkedPart } from './linked-part.ts'

/**
 * Makes `packages/cli/dist/gocker.js`: the whole command in one file, with koffi left beside it as an npm dependency.
 *
 * A command needs a small part of it, and reading JavaScript takes longer than most commands' work. So the file is a loader, and behind
 * it compressed units of parts: what is loaded together is one unit, which is unpacked and compiled when a part of it is asked for.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}packages/cli/dist/gocker.js`
const { version } = JSON.parse(await readFile(`${root}packages/cli/package.json`, 'utf8')) as { version: string }

/**
 * What is loaded together: these modules, with all that they import and no unit before them has; and then every other module that is loaded later.
 * The first unit is part of the loader.
 */
const UNITS = [
  ['cli/src/main.ts', 'cli/src/version.ts'],
  ['cli/src/command-line.ts', 'cli/src/commands/exec.ts'],
  ['cli/src/commands/run.ts'],
  ['run/src/network/prepare.ts', 'run/src/network/leave.ts'],
  ['cli/src/commands/ps.ts', 'cli/src/commands/images.ts'],
  ['cli/src/commands/build.ts'],
].map((names) => names.map((name) => `packages/${name}`))
/** Stands in the parts for the digest of all of them. */
const BUILD_MARK = 'gocker-build'

const { outputFiles, metafile } = await build({
  entryPoints: [`${root}packages/cli/src/main.ts`],
  outdir: dirname(outfile),
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.19',
  charset: 'ascii',
  external: ['koffi'],
  minifyWhitespace: true,
  minifySyntax: true,
  define: { 'process.env.GOCKER_VERSION': JSON.stringify(version), 'process.env.GOCKER_BUILD': JSON.stringify(BUILD_MARK) },
  logLevel: 'warning',
  plugins: [
    { name: 'without child processes', setup: leaveOutChildProcess },
    { name: 'little of undici', setup: leaveOutOfUndici },
    { name: 'direct imports', setup: importDirectly },
  ],
})
const parts = new Map(outputFiles.map(({ path, text }) => [relative(process.cwd(), path), linkedPart(text)]))
await mkdir(dirname(outfile), { recursive: true })
await writeFile(outfile, await oneFile(unitsOf([...parts.keys()])))
await writeFile(`${dirname(outfile)}/package.json`, '{ "type": "commonjs" }\n')
await chmod(outfile, 0o755)
// What other engines call, with runc's words: the same file by another name.
const runtime = `${dirname(outfile)}/gocker-runtime`
await copyFile(`${root}scripts/gocker-runtime`, runtime)
await chmod(runtime, 0o755)
console.log(outfile.slice(root.length))

/** commander could start commands that are executables of their own; gocker has none, and the module takes as long to load as commander itself. */
function leaveOutChildProcess({ onResolve, onLoad }: PluginBuild): void {
  onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
    importer.includes('/commander/') ? { path, namespace: 'left-out' } : undefined,
  )
  onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'export default {}' }))
}

/** Two of its dispatchers are all that gocker knows of undici: the rest is as large as gocker. */
function leaveOutOfUndici({ onLoad }: PluginBuild): void {
  const contents = [
    "const Dispatcher = require('./lib/dispatcher/dispatcher')",
    "Object.assign(Dispatcher.prototype, require('./lib/api'))",
    "exports.Agent = require('./lib/dispatcher/agent')",
    "exports.ProxyAgent = require('./lib/dispatcher/proxy-agent')",
  ].join('\n')
  onLoad({ filter: /\/undici\/index\.js$/ }, () => ({ contents, loader: 'js' }))
}

/** The paths of the parts of each unit. */
function unitsOf(paths: readonly string[]): string[][] {
  const taken = new Set<string>()
  const reach = (path: string): string[] => {
    if (taken.has(path)) return []
    taken.add(path)
    const imported = metafile.outputs[path]?.imports.filter(({ kind }) => kind === 'import-statement') ?? []
    return [path, ...imported.filter(({ path }) => parts.has(path)).flatMap(({ path }) => reach(path))]
  }
  const entries = (names: readonly string[]) => paths.filter((path) => names.includes(metafile.outputs[path]?.entryPoint ?? ''))
  const together = UNITS.map((names) => entries(names).flatMap(reach))
  const later = paths.filter((path) => metafile.outputs[path]?.entryPoint !== undefined).map(reach)
  return [...together, ...later].filter(({ length }) => length > 0)
}

/**
 * The loader first, and all units in one comment behind it: what reads JavaScript slowest is what it has to understand.
 * @see bundle-loader.ts
 */
async function oneFile(units: readonly (readonly string[])[]): Promise<string> {
  const unitOf = new Map(units.flatMap((paths, unit) => paths.map((path) => [`./${basename(path)}`, unit] as const)))
  const texts = units.map((paths) =>
    withUnits(`({${paths.map((path) => `${JSON.stringify(nameIn(unitOf, path))}:${parts.get(path)}`).join()}})`, unitOf),
  )
  // Of the units, and not of the parts alone: what is kept of a build is kept by its units.
  const digest = createHash('sha256').update(texts.join('\n')).digest('hex')
  const build = digest.slice(0, BUILD_MARK.length)
  const [first = '', ...others] = texts.map((text) => text.replaceAll(BUILD_MARK, build))
  const compressed = others.map((text) => brotliCompressSync(text).toString('base64'))
  const lengths = compressed.map(({ length }) => length)
  const places = lengths.map((length, unit) => [lengths.slice(0, unit).reduce((sum, each) => sum + each, 0), length])
  const loader = await readFile(`${root}scripts/bundle-loader.ts`, 'utf8')
  const { code } = await transform(loader, { loader: 'ts', format: 'cjs', target: 'node22.19', minifyWhitespace: true })
  const constants = (start: number) => `BUILD='${build}',START=${`${start}`.padStart(8)},UNITS=${JSON.stringify(places)},FIRST=${first}`
  // Behind -- Node does not take gocker's --env-file for its own, wherever that stands. A comment behind an end of line is passed over quickest.
  const head = (start: number) => `#!/usr/bin/env -S node --\n'use strict';const ${constants(start)};${code}\n/*`
  return `${head(head(0).length)}${compressed.join('')}*/\n`
}

type UnitOf = ReadonlyMap<string, number>

/** A part's name begins with its unit, so that the loader needs no list of them. */
function nameIn(unitOf: UnitOf, path: string): string {
  return `${unitOf.get(`./${basename(path)}`)}/${basename(path)}`
}

function withUnits(text: string, unitOf: UnitOf): string {
  return text.replaceAll(/(?<=__load(?:\.later)?\(")\.\/[^"]+(?="\))/g, (name) => {
    if (!unitOf.has(name)) throw new Error(`linking the bundle: there is no part ${name}`)
    return nameIn(unitOf, name)
  })
}
