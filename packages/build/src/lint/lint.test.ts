import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { ContainerConfig } from '@gocker/oci'
import { BuildError } from '../error.ts'
import { parseGockerfile } from '../language/gockerfile.ts'
import { parseCheckDirective } from './check-directive.ts'
import { lint } from './lint.ts'
import { RULES } from './rules/table.ts'

const TESTDATA = new URL('../../testdata/lint/', import.meta.url)

interface Facts {
  readonly images?: Readonly<Record<string, ContainerConfig>>
  readonly ignored?: readonly string[]
  readonly buildArgs?: Readonly<Record<string, string>>
}

/** `<case>/Gockerfile` with the facts beside it is answered by the lines of `warnings.txt`. */
describe('Gockerfiles with warnings', () => {
  for (const name of readdirSync(TESTDATA))
    test(name, () => assert.equal(warnings(name), readFileSync(new URL(`${name}/warnings.txt`, TESTDATA), 'utf8')))
})

test('every rule is tried', () => {
  const tried = readdirSync(TESTDATA)
    .map((name) => warnings(name))
    .join('')
  const missing = RULES.filter(({ name }) => !tried.includes(` ${name}: `))
  assert.deepEqual(missing, [])
})

test('a check directive is refused when it cannot be read', () => {
  assert.deepEqual(parseCheckDirective('experimental=all; error=TRUE').error, true)
  for (const value of ['skip', 'error=maybe', 'skip=A;what=B'])
    assert.throws(
      () => parseCheckDirective(value),
      (error) => error instanceof BuildError && error.code === 'SYNTAX',
    )
})

function warnings(name: string): string {
  const text = readFileSync(new URL(`${name}/Gockerfile`, TESTDATA), 'utf8')
  const path = new URL(`${name}/facts.json`, TESTDATA)
  const { images = {}, ignored = [], buildArgs = {} } = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Facts) : {}
  const found = lint(
    text,
    {
      gockerfile: parseGockerfile(text, 'Gockerfile'),
      platform: { os: 'linux', architecture: 'amd64' },
      buildArgs,
      baseConfig: (image) => images[image],
      isIgnored: (source) => ignored.includes(source),
    },
    'Gockerfile',
  )
  return found.map(({ rule, at, text }) => `${at.line} ${rule}: ${text}\n`).join('')
}
