import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from './digest.ts'
import { familiarReference, formatReference, parseReference } from './reference.ts'

const DIGEST = digestOf('abc')

/** What the user writes, the whole name, and what is shown. */
const NAMES: readonly (readonly [text: string, whole: string, familiar: string])[] = [
  ['docker.io/docker.io/library/x', 'docker.io/docker.io/library/x:latest', 'docker.io/docker.io/library/x:latest'],
  ['debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['debian:bookworm-slim', 'docker.io/library/debian:bookworm-slim', 'debian:bookworm-slim'],
  ['library/debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['docker.io/debian', 'docker.io/library/debian:latest', 'debian:latest'],
  ['index.docker.io/library/debian:12', 'docker.io/library/debian:12', 'debian:12'],
  ['someone/tool', 'docker.io/someone/tool:latest', 'someone/tool:latest'],
  ['library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
  ['ghcr.io/o/i:t', 'ghcr.io/o/i:t', 'ghcr.io/o/i:t'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
  ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000/x:latest'],
  ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
  ['[::1]:5000/a/b:c', '[::1]:5000/a/b:c', '[::1]:5000/a/b:c'],
  ['MyHost/x', 'MyHost/x:latest', 'MyHost/x:latest'],
  ['a.b/c', 'a.b/c:latest', 'a.b/c:latest'],
  ['docker.io/a.b/c', 'docker.io/a.b/c:latest', 'docker.io/a.b/c:latest'],
  ['docker.io/localhost/c', 'docker.io/localhost/c:latest', 'docker.io/localhost/c:latest'],
  ['a-b--c__d_e.f', 'docker.io/library/a-b--c__d_e.f:latest', 'a-b--c__d_e.f:latest'],
  ['x:V1.2_3-rc', 'docker.io/library/x:V1.2_3-rc', 'x:V1.2_3-rc'],
  [`debian@${DIGEST}`, `docker.io/library/debian@${DIGEST}`, `debian@${DIGEST}`],
  [`localhost:5000/x:t@${DIGEST}`, `localhost:5000/x:t@${DIGEST}`, `localhost:5000/x:t@${DIGEST}`],
]

for (const [text, whole, familiar] of NAMES)
  test(`${text} is ${whole}`, () => {
    const reference = parseReference(text)
    assert.equal(formatReference(reference), whole)
    assert.equal(familiarReference(reference), familiar)
    assert.deepEqual(parseReference(whole), reference)
    assert.deepEqual(parseReference(familiar), reference)
  })

test('every part has its place', () => {
  assert.deepEqual(parseReference(`localhost:5000/a/b:t@${DIGEST}`), {
    registry: 'localhost:5000',
    repository: 'a/b',
    tag: 't',
    digest: DIGEST,
  })
  assert.deepEqual(parseReference(`debian@${DIGEST}`), { registry: 'docker.io', repository: 'library/debian', digest: DIGEST })
})

const WRONG: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /the name is empty/],
  [' debian', /" debian" is not a name component/],
  ['debian ', /is not a name component/],
  ['Debian', /must be lower case/],
  ['a/B', /must be lower case/],
  ['/a', /is not a name component/],
  ['a//b', /is not a name component/],
  ['a/', /is not a name component/],
  ['ghcr.io/', /the name is empty/],
  ['-a', /is not a name component/],
  ['a..b', /is not a name component/],
  ['a___b', /is not a name component/],
  ['a/../b', /"\.\." is not a name component/],
  ['debian:', /"" is not a tag/],
  ['debian:.x', /is not a tag/],
  [`debian:${'t'.repeat(129)}`, /is not a tag/],
  ['debian:t\n', /is not a tag/],
  ['debian@', /"" is not a digest/],
  ['debian@sha256:abc', /is not a digest/],
  [`debian@${DIGEST}@${DIGEST}`, /is not a digest/],
  ['ho_st.x/a', /is not a host name/],
  ['host:port/a', /is not a host name/],
  ['http://host/a', /is not a host name/],
  [`x/${'a'.repeat(254)}`, /longer than 255/],
  [DIGEST.slice(7), /64 hexadecimal digits/],
]

for (const [text, why] of WRONG)
  test(`${JSON.stringify(text.slice(0, 30))} is no name`, () => {
    assert.throws(() => parseReference(text), { name: 'OciError', code: 'INVALID_REFERENCE', message: why })
  })
