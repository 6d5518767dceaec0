import assert from 'node:assert/strict'
import { test } from 'node:test'
import { price } from '#shared/price'

test('cents become a price', () => {
  assert.equal(price(5), '0.05')
  assert.equal(price(1234), '12.34')
})
