import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build, type OutputFile, transform } from 'esbuild'

/**
 * Makes `packages/cli/dist/gocker.js`: the whole command in one file, with koffi left beside it as an npm dependency.
 *
 * A command needs a small part of it, and reading JavaScript takes longer than most commands' work. So the parts that are loaded
 * together are texts in the file, and a part is compiled when it is asked for: a text costs little until then. Parts that are
 * libraries alone (undici, ora) are big and seldom asked for: they are compressed besides.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}packages/cli/dist/gocker.js`
const { version } = JSON.parse(await readFile(`${root}packages/cli/package.json`, 'utf8')) as { version: string }

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
  define: { 'process.env.GOCKER_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
})
const parts = await Promise.all(outputFiles.map(partOf))
await mkdir(dirname(outfile), { recursive: true })
await writeFile(outfile, oneFile(Object.fromEntries(parts)))
await writeFile(`${dirname(outfile)}/package.json`, '{ "type": "commonjs" }\n')
await chmod(outfile, 0o755)
console.log(outfile.slice(root.length))

/** A part's name, and its text as a function's body: `require` gives other parts, Node's modules and koffi. A compressed one is a list. */
async function partOf({ path, text }: OutputFile): Promise<readonly [name: string, body: string | [brotli: string]]> {
  const { code } = await transform(text, {
    format: 'cjs',
    target: 'node22.19',
    minifyWhitespace: true,
    // import() of a part becomes require() of it, later.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__url' },
  })
  return [`./${basename(path)}`, isLibrary(path) ? [brotliCompressSync(code).toString('base64')] : code]
}

function isLibrary(path: string): boolean {
  const inputs = Object.keys(metafile.outputs[relative(process.cwd(), path)]?.inputs ?? {})
  return inputs.length > 0 && inputs.every((input) => input.includes('node_modules/'))
}

function oneFile(parts: Record<string, string | [string]>): string {
  return `#!/usr/bin/env node
'use strict';
const parts = ${asciiOnly(JSON.stringify(parts))};
const loaded = new Map();
function part(name) {
  if (!Object.hasOwn(parts, name)) return require(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const names = ['exports', 'require', 'module', '__url'];
  const run = require('node:vm').compileFunction(textOf(parts[name]), names, { filename: __filename + '/' + name });
  run(module.exports, part, module, 'file://' + encodeURI(__filename));
  return module.exports;
}
function textOf(part) {
  return typeof part === 'string' ? part : require('node:zlib').brotliDecompressSync(Buffer.from(part[0], 'base64')).toString();
}
part('./main.js');
`
}

/** V8 reads a source of one byte a character at twice the speed. */
function asciiOnly(json: string): string {
  return json.replace(/[^\0-\x7F]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
