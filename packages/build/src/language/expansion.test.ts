import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { expand, expandWords } from './expansion.ts'

const TABLE = readFileSync(new URL('../../testdata/expansion.txt', import.meta.url), 'utf8')
const ROW = /^(?<input>.*?) =>(?<kind>[!>c]?)(?: (?<expected>.*))?$/

describe('the table of expansions', () => {
  const variables = new Map<string, string>()
  for (const line of TABLE.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
    const [, name, value] = /^(\S+) := ?(.*)$/.exec(line) ?? []
    if (name !== undefined) variables.set(name, value ?? '')
    else test(line, () => checkRow(line, new Map(variables)))
  }
})

function checkRow(line: string, variables: ReadonlyMap<string, string>): void {
  const { input = '', kind, expected = '' } = ROW.exec(line)?.groups ?? {}
  const options = { lookup: (name: string) => variables.get(name), escape: '\\' }
  const unfolded = (text: string) => text.replaceAll('\\n', '\n')
  if (kind === '!') assert.throws(() => expand(input, options), { code: 'SYNTAX', message: new RegExp(RegExp.escape(expected)) })
  else if (kind === '>') assert.deepEqual(expandWords(input, options), JSON.parse(expected))
  else if (kind === 'c') assert.equal(expand(unfolded(input), { ...options, quotes: 'keep' }), unfolded(expected))
  else assert.equal(expand(input, options), expected)
}

test('the escape character may be a backtick', () => {
  const options = { lookup: () => 'value', escape: '`' }
  assert.equal(expand('`$word C:\\dir\\$word "`"x"', options), '$word C:\\dir\\value "x')
})

test('a value with new lines is matched line by line, as BuildKit does', () => {
  const options = { lookup: () => 'one\ntwo', escape: '\\' }
  assert.equal(expand('${x#*}|${x##*}|${x%%*}', options), 'one\ntwo|\ntwo|one\n')
})

test('a variable that is read and not set is told of', () => {
  const unset: string[] = []
  expand('$a ${b} ${c:-d} ${e:+f} $HOME', {
    lookup: (name) => (name === 'HOME' ? '/root' : undefined),
    escape: '\\',
    onUnset: (name) => unset.push(name),
  })
  assert.deepEqual(unset, ['a', 'b', 'e'])
})
