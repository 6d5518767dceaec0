import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRetryAfter } from './retry-after.ts'

const NOW = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT')

test('Retry-After in seconds, as a date, in the past, and as nothing that can be read', () => {
  assert.equal(parseRetryAfter('3', NOW), 3000)
  assert.equal(parseRetryAfter(' 0 ', NOW), 0)
  assert.equal(parseRetryAfter('Wed, 21 Oct 2015 07:28:10 GMT', NOW), 10_000)
  assert.equal(parseRetryAfter('Wed, 21 Oct 2015 07:27:10 GMT', NOW), 0)
  for (const text of [undefined, '', 'soon', '-1', '1.5']) assert.equal(parseRetryAfter(text, NOW), undefined)
})
