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
  const imports = [...text.matchAll(/^import \{([^}]*)\} from '@gocker\/(\w+)'$/gm)]
  const direct = await Promise.all(imports.map(([, names = '', name = '']) => directImports(names, name)))
  const later = [...text.matchAll(/(?<=const \{ (\w+) \} = await import\()'@gocker\/(\w+)'/g)]
  const directLater = await Promise.all(later.map(async ([, name = '', from = '']) => `'${(await placeOf(name, from)).file}'`))
  const replacements = [...imports, ...later].map(([written], index): [string, string] => [
    written,
    [...direct, ...directLater][index] as string,
  ])
  return replacements.reduce((result, [written, replacement]) => result.replace(written, () => replacement), text)
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
