import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireStackable } from './stack-limit.ts'

const layers = (count: number) => Array.from({ length: count }, (_, at) => `/layer-${at}`)

test('as many layers as overlayfs takes, and no more', () => {
  requireStackable(layers(500), 'app')
  assert.throws(() => requireStackable(layers(501), 'app'), {
    code: 'UNSUPPORTED',
    message: /the 501 layers of app: overlayfs takes 500 at most/,
    hint: /COPY --from=app \/ \/.*gocker build/,
  })
})
