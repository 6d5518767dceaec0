import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration } from './duration.ts'

test("durations are Go's, in nanoseconds", () => {
  const texts = { '0': 0, '30s': 30e9, '1m30s': 90e9, '1.5h': 5400e9, '500ms': 5e8, '2000us': 2e6, '2000µs': 2e6, '.5s': 5e8 }
  for (const [text, nanoseconds] of Object.entries(texts)) assert.equal(parseDuration(text), nanoseconds, text)
})

for (const text of ['', '5', 's', '-1s', '1 s', '1d', '1s2', '1e3s', '10us', '0.5ms'])
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseDuration(text, 'health-interval'), { code: 'INVALID_OPTION', message: /^reading health-interval "/ })
  })
