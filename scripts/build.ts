import { chmod, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Makes `packages/cli/dist/gocker.js`: the whole command in one file, with koffi left beside it as an npm dependency. */
const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}packages/cli/dist/gocker.js`
const { version } = JSON.parse(await readFile(`${root}packages/cli/package.json`, 'utf8')) as { version: string }

await build({
  entryPoints: [`${root}packages/cli/src/main.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.19',
  external: ['koffi'],
  // Less to read at every start; names stay, since stack traces of --debug are read by people.
  minifyWhitespace: true,
  minifySyntax: true,
  define: { 'process.env.GOCKER_VERSION': JSON.stringify(version) },
  // Dependencies that are CommonJS call require(), which an ES module does not have.
  banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
  logLevel: 'warning',
})
await chmod(outfile, 0o755)
console.log(outfile)
