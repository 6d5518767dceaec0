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
 * together are texts in the file, and a part is compiled when it is asked for: a text costs little until then. It costs less
 * compressed, so big parts that `gocker run` does not need are.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}packages/cli/dist/gocker.js`
const { version } = JSON.parse(await readFile(`${root}packages/cli/package.json`, 'utf8')) as { version: string }

/** What must start quickly: these modules, with all that they import. */
const HOT = ['main.ts', 'command-line.ts', 'version.ts', 'commands/run.ts'].map((name) => `packages/cli/src/${name}`)
/** Stands in the parts for the digest of all of them. */
const BUILD_MARK = '<build>'
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
await writeFile(outfile, await oneFile(Object.fromEntries(parts)))
await writeFile(`${dirname(outfile)}/package.json`, '{ "type": "commonjs" }\n')
await chmod(outfile, 0o755)
console.log(outfile.slice(root.length))

/** A part's name, and its text: a function, whose `require` gives other parts, Node's modules and koffi. A compressed one is a list. */
async function partOf({ path, text }: OutputFile): Promise<readonly [name: string, body: string | [brotli: string]]> {
  const { code } = await transform(text, {
    format: 'cjs',
    target: 'node22.19',
    minifyWhitespace: true,
    // import() of a part becomes require() of it, later.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__url' },
  })
  const body = `(function(exports,require,module,__url){${code}\n})`
  const isCompressed = code.length > WORTH_COMPRESSING && !hot.has(relative(process.cwd(), path))
  return [`./${basename(path)}`, isCompressed ? [brotliCompressSync(body).toString('base64')] : body]
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

async function oneFile(parts: Record<string, string | [string]>): Promise<string> {
  const json = asciiOnly(JSON.stringify(parts))
  const build = createHash('sha256').update(json).digest('hex').slice(0, 12)
  const loader = await readFile(`${root}scripts/bundle-loader.ts`, 'utf8')
  const { code } = await transform(loader, { loader: 'ts', format: 'cjs', target: 'node22.19', minifyWhitespace: true })
  return `#!/usr/bin/env node\n'use strict';const BUILD='${build}';const PARTS=${json.replaceAll(BUILD_MARK, build)};\n${code}`
}

/** V8 reads a source of one byte a character at twice the speed. */
function asciiOnly(json: string): string {
  return json.replace(/[^\0-\x7F]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
