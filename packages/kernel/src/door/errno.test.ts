import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { errnoName, errnoNumber, errnoText } from './errno.ts'

test("errors have Node's numbers", () => {
  for (const [name, number] of Object.entries(constants.errno)) assert.equal(errnoNumber(name), number, name)
})

test('a number has one name, and the name leads back', () => {
  for (let number = 1; number < 134; number++) {
    if (number === 41 || number === 58) continue // never given out
    assert.equal(errnoNumber(errnoName(number)), number)
  }
})

test('what has no name is still said', () => {
  assert.equal(errnoName(4000), 'errno 4000')
  assert.equal(errnoText(4000), 'unknown error')
  assert.equal(errnoNumber('ENONSENSE'), undefined)
})
