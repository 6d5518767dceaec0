import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Which of our packages each package may import: ARCHITECTURE.md's table. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  oci: [],
  kernel: [],
  store: ['oci', 'kernel'],
  pull: ['oci', 'kernel', 'store'],
  run: ['oci', 'kernel', 'store'],
  build: ['oci', 'kernel', 'store', 'pull', 'run'],
  cli: ['oci', 'kernel', 'store', 'pull', 'run', 'build'],
  testkit: ['oci'],
}

/** The one package that may import each library. */
const OWNERS: Record<string, string> = {
  koffi: 'kernel',
  undici: 'pull',
  'smol-toml': 'pull',
  '@sigstore/bundle': 'pull',
  '@sigstore/verify': 'pull',
  'fast-check': 'pull',
  tar: 'pull',
  commander: 'cli',
  ora: 'cli',
  ajv: 'testkit',
  'ajv-draft-04': 'testkit',
}

interface Import {
  readonly file: string
  readonly from: string
  readonly isTest: boolean
  readonly name: string
}

test('a package imports only the packages below it, and its tests the testkit besides', async () => {
  const wrong = (await imports()).filter(({ from, name, isTest }) => {
    const target = /^@gocker\/([^/]+)$/.exec(name)?.[1]
    if (target === undefined) return name.startsWith('@gocker/')
    return !MAY_IMPORT[from]?.includes(target) && !(isTest && target === 'testkit')
  })
  assert.deepEqual(wrong, [])
})

test('a library is imported by its owner alone', async () => {
  const wrong = (await imports()).filter(({ from, name, isTest }) => {
    if (/^(node:|\.|@gocker\/)/.test(name)) return false
    const library = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? name)
    return OWNERS[library] !== from && !(isTest && library in OWNERS)
  })
  assert.deepEqual(wrong, [])
})

test('nothing reaches into another package past its index', async () => {
  const wrong = (await imports()).filter(({ file, from, name }) => {
    if (!name.startsWith('.')) return false
    return !fileURLToPath(new URL(name, `file://${file}`)).startsWith(`${ROOT}packages/${from}/`)
  })
  assert.deepEqual(wrong, [])
})

test('the packages form no cycle', () => {
  const reaches = (from: string, path: readonly string[]): void => {
    assert.ok(!path.includes(from), [...path, from].join(' -> '))
    for (const next of MAY_IMPORT[from] ?? []) reaches(next, [...path, from])
  }
  for (const name of Object.keys(MAY_IMPORT)) reaches(name, [])
})

async function imports(): Promise<Import[]> {
  const files: string[] = []
  for await (const file of glob('packages/*/src/**/*.ts', { cwd: ROOT })) files.push(file)
  assert.ok(files.length > 50, 'the sources were found')
  return (await Promise.all(files.map(importsOf))).flat()
}

async function importsOf(path: string): Promise<Import[]> {
  const text = await readFile(`${ROOT}${path}`, 'utf8')
  const from = path.split('/')[1] ?? ''
  const names = text.matchAll(/^(?:(?:import|export) [^'"]*? from |import |\} from )'([^']+)'$|\bimport\('([^']+)'\)/gm)
  return Array.from(names, (match) => match[1] ?? match[2] ?? '').map((name) => ({
    file: `${ROOT}${path}`,
    from,
    isTest: path.endsWith('.test.ts') || path.includes('/testing/'),
    name,
  }))
}
