import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { PluginBuild } from 'esbuild'

const packages = fileURLToPath(new URL('../packages', import.meta.url))

/**
 * For esbuild: what is imported from a package of ours is imported from the file that has it. Otherwise whoever wants one thing of a
 * package gets the whole of it into the unit of the bundle that he is in.
 */
export function importDirectly({ onLoad }: PluginBuild): void {
  onLoad({ filter: /packages\/\w+\/src\/.*\.ts$/ }, async ({ path }) => ({ loader: 'ts', contents: await withDirectImports(path) }))
}

async function withDirectImports(path: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  const written = [
    ...text.matchAll(/^import \{(?<names>[^}]*)\} from '@gocker\/(?<from>\w+)'$/gm),
    ...text.matchAll(/(?<=const \{ (?<later>\w+) \} = await import\()'@gocker\/(?<from>\w+)'/g),
  ].toSorted((a, b) => a.index - b.index)
  const direct = await Promise.all(written.map(({ groups = {} }) => directImport(groups)))
  const begins = [0, ...written.map(({ index, 0: { length } }) => index + length)]
  return begins.map((begin, index) => `${text.slice(begin, written[index]?.index)}${direct[index] ?? ''}`).join('')
}

async function directImport({ names = '', later, from = '' }: Readonly<Record<string, string | undefined>>): Promise<string> {
  return later === undefined ? await directImports(names, from) : `'${(await placeOf(later, from)).file}'`
}

async function directImports(names: string, packageName: string): Promise<string> {
  const values = names.split(',').flatMap((name) => (/^\s*(type\s.*)?$/s.test(name) ? [] : [name.trim()]))
  const statements = values.map(async (value) => {
    const [name = '', alias = name] = value.split(' as ')
    const place = await placeOf(name, packageName)
    return `import { ${place.name} as ${alias} } from '${place.file}'`
  })
  return (await Promise.all(statements)).join(';')
}

async function placeOf(name: string, packageName: string): Promise<Place> {
  const place = (await placesIn(packageName)).get(name)
  if (place === undefined) throw new Error(`importing ${name} of @gocker/${packageName}: its index.ts does not export it`)
  return place
}

interface Place {
  readonly file: string
  readonly name: string
}

const known = new Map<string, Promise<ReadonlyMap<string, Place>>>()

function placesIn(packageName: string): Promise<ReadonlyMap<string, Place>> {
  const places = known.get(packageName) ?? readPlaces(`${packages}/${packageName}/src`)
  known.set(packageName, places)
  return places
}

/** What a package's index.ts exports, and whence. */
async function readPlaces(directory: string): Promise<ReadonlyMap<string, Place>> {
  const text = await readFile(`${directory}/index.ts`, 'utf8')
  const exports = [...text.matchAll(/^export \{([^}]*)\} from '\.\/([^']+)'$/gm)]
  return new Map(
    exports.flatMap(([, names = '', file]) =>
      names.split(',').map((name): [string, Place] => {
        const [inside = '', outside = inside] = name.trim().split(' as ')
        return [outside, { file: `${directory}/${file}`, name: inside }]
      }),
    ),
  )
}
