import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { BuildError } from '../error.ts'
import { parseGockerfile } from './gockerfile.ts'

const TESTDATA = new URL('../../testdata/', import.meta.url)

/** `parsed/<case>/Gockerfile` is read as `expected.json` says; the places are `line:column`. */
describe('Gockerfiles that are read', () => {
  for (const name of readdirSync(new URL('parsed/', TESTDATA)))
    test(name, () => {
      const parsed = JSON.parse(JSON.stringify(parseGockerfile(textOf(`parsed/${name}`), 'Gockerfile'), shortPlaces))
      assert.deepEqual(parsed, expected(`parsed/${name}`))
    })
})

/** `refused/<case>/Gockerfile` is answered with the message and the hint in `expected.json`. */
describe('Gockerfiles that are refused', () => {
  for (const name of readdirSync(new URL('refused/', TESTDATA)))
    test(name, () => {
      assert.throws(
        () => parseGockerfile(textOf(`refused/${name}`), 'Gockerfile'),
        (error) => {
          assert.ok(error instanceof BuildError)
          const { code, message, hint } = error
          assert.deepEqual({ code, message, ...(hint !== undefined && { hint }) }, expected(`refused/${name}`))
          return true
        },
      )
    })
})

function textOf(folder: string): string {
  return readFileSync(new URL(`${folder}/Gockerfile`, TESTDATA), 'utf8')
}

function expected(folder: string): unknown {
  return JSON.parse(readFileSync(new URL(`${folder}/expected.json`, TESTDATA), 'utf8'))
}

function shortPlaces(key: string, value: unknown): unknown {
  if (key !== 'at') return value
  const { line, column } = value as { line: number; column: number }
  return `${line}:${column}`
}
