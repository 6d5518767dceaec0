import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build, type OutputFile, transform } from 'esbuild'

/**
 * Makes `packages/cli/dist/gocker.js`: the whole command in one file, with koffi left beside it as an npm dependency.
 *
 * A command needs a small part of it, and reading JavaScript takes longer than most commands' work. So the parts that are loaded
 * together are texts in the file, and a part is compiled when it is asked for: a text costs little until then, and less the
 * shorter it is, so big parts that `gocker run` does not need are compressed.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}packages/cli/dist/gocker.js`
const { version } = JSON.parse(await readFile(`${root}packages/cli/package.json`, 'utf8')) as { version: string }

/** What must start quickly: these modules, with all that they import. */
const HOT = ['main.ts', 'command-line.ts', 'version.ts', 'commands/run.ts'].map((name) => `packages/cli/src/${name}`)
/** Stands in the parts for the digest of all of them. */
const BUILD_MARK = 'gocker-build'
/** Characters. */
const WORTH_COMPRESSING = 10_000

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
  external: ['koffi'],
  minifyWhitespace: true,
  minifySyntax: true,
  define: { 'process.env.GOCKER_VERSION': JSON.stringify(version), 'process.env.GOCKER_BUILD': JSON.stringify(BUILD_MARK) },
  logLevel: 'warning',
})
const hot = hotParts()
const parts = await Promise.all(outputFiles.map(partOf))
await mkdir(dirname(outfile), { recursive: true })
await writeFile(outfile, await oneFile(parts))
await writeFile(`${dirname(outfile)}/package.json`, '{ "type": "commonjs" }\n')
await chmod(outfile, 0o755)
console.log(outfile.slice(root.length))

/** What is loaded at once: a function, whose `require` gives other parts, Node's modules and koffi. */
interface Part {
  readonly name: string
  readonly text: string
  /** The text is brotli's, in base64. */
  readonly isCompressed: boolean
}

async function partOf({ path, text }: OutputFile): Promise<Part> {
  const { code } = await transform(text, {
    format: 'cjs',
    target: 'node22.19',
    charset: 'ascii',
    minifyWhitespace: true,
    // import() of a part becomes require() of it, later.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__url' },
  })
  const body = `(function(exports,require,module,__url){${code}\n})`
  const isCompressed = code.length > WORTH_COMPRESSING && !hot.has(relative(process.cwd(), path))
  return { name: `./${basename(path)}`, text: isCompressed ? brotliCompressSync(body).toString('base64') : body, isCompressed }
}

function hotParts(): Set<string> {
  const reached = new Set<string>()
  const reach = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === 'import-statement') reach(next)
  }
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (HOT.includes(entryPoint ?? '')) reach(path)
  return reached
}

/**
 * The loader first, and all parts in one comment behind it: what reads JavaScript slowest is what it has to understand.
 * @see bundle-loader.ts
 */
async function oneFile(parts: readonly Part[]): Promise<string> {
  const build = createHash('sha256')
    .update(parts.map(({ text }) => text).join())
    .digest('hex')
    .slice(0, BUILD_MARK.length)
  const loader = await readFile(`${root}scripts/bundle-loader.ts`, 'utf8')
  const { code } = await transform(loader, { loader: 'ts', format: 'cjs', target: 'node22.19', minifyWhitespace: true })
  const index: Record<string, readonly [offset: number, length: number, isCompressed: boolean]> = {}
  let blob = ''
  for (const { name, text, isCompressed } of parts) {
    const written = asciiOnly(text).replaceAll(BUILD_MARK, build).replaceAll('*/', '*\x01/')
    index[name] = [blob.length, written.length, isCompressed]
    blob += written
  }
  // Behind -- Node does not take gocker's --env-file for its own, wherever that stands.
  const head = (start: number) =>
    `#!/usr/bin/env -S node --\n'use strict';const BUILD='${build}',START=${`${start}`.padStart(8)},PARTS=${JSON.stringify(index)};${code}/*`
  return `${head(head(0).length)}${blob}*/\n`
}

/** One byte a character: V8 reads that at twice the speed, and a part's place in the file is its place in the text. */
function asciiOnly(code: string): string {
  return code.replace(/[^\0-\x7F]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
