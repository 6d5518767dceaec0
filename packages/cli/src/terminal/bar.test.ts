import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bar, colourOfShare, shareOf } from './bar.ts'

const BARS: [share: number, text: string][] = [
  [0, '░░░░'],
  [1 / 32, '▏░░░'],
  [0.25, '█░░░'],
  [0.4, '█▋░░'],
  [0.5, '██░░'],
  [1, '████'],
  [7, '████'],
  [-1, '░░░░'],
]

for (const [share, text] of BARS)
  test(`${share} is ${JSON.stringify(text)}`, () => {
    assert.equal(bar(share, 4), text)
  })

test('a bar tells its share', () => {
  assert.deepEqual(
    [0, 0.25, 0.5, 1].map((share) => shareOf(bar(share, 10))),
    [0, 0.25, 0.5, 1],
  )
})

test('what is nearly full is red', () => {
  assert.deepEqual([0, 0.6, 0.85, 1.2].map(colourOfShare), ['green', 'yellow', 'red', 'red'])
})
