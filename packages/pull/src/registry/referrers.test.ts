import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Descriptor, type Digest, MEDIA_TYPES, parseReference } from '@gocker/oci'
import { HASTY } from '../testing/image.ts'
import { answer, type Script, scriptedServer } from '../testing/scripted-server.ts'
import { registryFor } from './registry.ts'

const SUBJECT: Digest = `sha256:${'a'.repeat(64)}`
const entry = (digit: string): Descriptor => ({ mediaType: MEDIA_TYPES.ociManifest, digest: `sha256:${digit.repeat(64)}`, size: 1 })
const index = (...manifests: Descriptor[]) => JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests })
const headers = { 'content-type': MEDIA_TYPES.ociIndex }

const SCRIPTS: readonly (readonly [what: string, script: Script, digits: string])[] = [
  [
    'its own list, page by page',
    ({ url }, response) =>
      url.includes('page=2')
        ? answer(response, 200, { headers, body: index(entry('2')) })
        : answer(response, 200, {
            headers: { ...headers, link: `</v2/x/referrers/${SUBJECT}?page=2>; rel="next"` },
            body: index(entry('1')),
          }),
    '12',
  ],
  [
    'the list under a tag, where it has none of its own',
    ({ url }, response) =>
      url.endsWith(`/manifests/sha256-${'a'.repeat(64)}`)
        ? answer(response, 200, { headers, body: index(entry('3')) })
        : answer(response, 404),
    '3',
  ],
  ['nothing, where there is neither', (_, response) => answer(response, 404), ''],
  ['nothing, where strangers are told nothing', (_, response) => answer(response, 403), ''],
]

for (const [what, script, digits] of SCRIPTS)
  test(`a registry gives for referrers ${what}`, async (t) => {
    const { host } = await scriptedServer(t, script)
    const environment = { HOME: '/nonexistent', PATH: '/nonexistent' }
    await using registry = registryFor(parseReference(`${host}/x`), { environment, retry: HASTY })
    const found = await registry.referrers(SUBJECT)
    assert.equal(found.map(({ digest }) => digest[7]).join(''), digits)
  })
