import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { MEDIA_TYPES, parseReference } from '@gocker/oci'
import type { PullEvent } from '../events.ts'
import { HASTY, manifestDocument } from '../testing/image.ts'
import { answer, json, type Script, type ScriptedServer, scriptedServer } from '../testing/scripted-server.ts'
import { type Registry, type RegistryOptions, registryFor } from './registry.ts'

const MANIFEST = manifestDocument()
/** No files, no proxies, no mirrors of whoever runs the tests. */
const BARE = { HOME: '/nonexistent', PATH: '/nonexistent' }

function open(t: TestContext, name: string, options: RegistryOptions = {}): Registry {
  const registry = registryFor(parseReference(name), { environment: BARE, retry: HASTY, ...options })
  t.after(() => registry.close())
  return registry
}

function serveManifest(response: ServerResponse, headers: Record<string, string> = {}): void {
  answer(response, 200, { headers: { 'content-type': MANIFEST.mediaType, ...headers }, body: MANIFEST.text })
}

test('this machine is asked with TLS first, then without, and that is remembered', async (t) => {
  const server = await scriptedServer(t, (_, response) => serveManifest(response, { 'docker-content-digest': MANIFEST.digest }))
  const registry = open(t, `${server.host}/a/b:v1`)
  const { digest, content, bytes } = await registry.manifest('v1')
  await registry.manifest(MANIFEST.digest)
  assert.deepEqual([digest, content.kind, bytes.toString()], [MANIFEST.digest, 'manifest', MANIFEST.text])
  assert.deepEqual(
    server.seen.map(({ url }) => url),
    ['/v2/a/b/manifests/v1', `/v2/a/b/manifests/${MANIFEST.digest}`],
  )
  for (const type of [MEDIA_TYPES.ociIndex, MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerIndex, MEDIA_TYPES.dockerManifest])
    assert.ok(server.seen[0]?.headers.accept?.includes(type), type)
})

const REFUSED: [title: string, script: (response: ServerResponse) => void, expected: { code: string; message: RegExp }][] = [
  [
    'bytes that are not what the digest says',
    (response) => serveManifest(response, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }),
    { code: 'DIGEST_MISMATCH', message: new RegExp(`expected sha256:0+, got ${MANIFEST.digest}`) },
  ],
  [
    'no digest in its header',
    (response) => serveManifest(response, { 'docker-content-digest': 'x' }),
    { code: 'BAD_RESPONSE', message: /no digest/ },
  ],
  [
    'schema 1 by its media type',
    (response) =>
      answer(response, 200, {
        headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
        body: '{"schemaVersion":1}',
      }),
    { code: 'UNSUPPORTED_MEDIA_TYPE', message: /schema 1/ },
  ],
  ['schema 1 by itself', (response) => json(response, 200, { schemaVersion: 1 }), { code: 'UNSUPPORTED_MEDIA_TYPE', message: /schema 1/ }],
  [
    'more than 4 MiB',
    (response) => answer(response, 200, { body: Buffer.alloc(4 * 1024 * 1024 + 1) }),
    { code: 'BAD_RESPONSE', message: /larger than 4194304/ },
  ],
  ['what is not JSON', (response) => answer(response, 200, { body: '<html>' }), { code: 'BAD_RESPONSE', message: /not JSON/ }],
  [
    "a 404, in the registry's words, without its control characters",
    (response) => json(response, 404, { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest\u001b[31m\nunknown' }] }),
    {
      code: 'NOT_FOUND',
      message: /^fetching manifest v1 of x from 127\.0\.0\.1:\d+: not found \(MANIFEST_UNKNOWN: manifest \[31m unknown\)$/,
    },
  ],
  ['a 403', (response) => answer(response, 403), { code: 'DENIED', message: /access denied/ }],
  ['a 401 that asks for nothing', (response) => answer(response, 401), { code: 'UNAUTHORIZED', message: /asks for nothing it names/ }],
  [
    'a scheme nobody knows',
    (response) => answer(response, 401, { headers: { 'www-authenticate': 'Negotiate' } }),
    { code: 'UNAUTHORIZED', message: /asks for negotiate, which gocker does not know/ },
  ],
  [
    'a password where none is kept',
    (response) => answer(response, 401, { headers: { 'www-authenticate': 'Basic realm="x"' } }),
    { code: 'UNAUTHORIZED', message: /asks for a user and a password/ },
  ],
  ['a redirect to nowhere', (response) => answer(response, 307), { code: 'BAD_RESPONSE', message: /redirects \(307\) to nowhere/ }],
  [
    'a redirect to a file',
    (response) => answer(response, 302, { headers: { location: 'file:///etc/passwd' } }),
    { code: 'BAD_RESPONSE', message: /to nowhere/ },
  ],
  [
    'endless redirects',
    (response) => answer(response, 302, { headers: { location: '/again' } }),
    { code: 'BAD_RESPONSE', message: /more than 10 redirects/ },
  ],
]

for (const [title, script, expected] of REFUSED)
  test(`a manifest is refused: ${title}`, async (t) => {
    const server = await scriptedServer(t, (_, response) => script(response))
    await assert.rejects(open(t, `${server.host}/x`).manifest('v1'), expected)
  })

test('a manifest by digest has that digest, whatever the header says', async (t) => {
  const wanted = manifestDocument({ other: 'one' }).digest
  const server = await scriptedServer(t, (_, response) => serveManifest(response, { 'docker-content-digest': wanted }))
  await assert.rejects(open(t, `${server.host}/x`).manifest(wanted), { code: 'DIGEST_MISMATCH' })
})

/** A registry that takes the tokens in `valid`, and beside it a token server that is told by the challenge. */
async function tokenRegistry(
  t: TestContext,
  { valid, tokens }: { valid: Set<string>; tokens: Script },
): Promise<{ registry: ScriptedServer; tokenServer: ScriptedServer }> {
  const tokenServer = await scriptedServer(t, tokens)
  const registry = await scriptedServer(t, (request, response) => {
    if (valid.has(request.headers.authorization ?? '')) return serveManifest(response)
    const challenge = `Bearer realm="${tokenServer.url}/token",service="the, service",scope="repository:x:pull"`
    json(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }, { 'www-authenticate': challenge })
  })
  return { registry, tokenServer }
}

test('one token serves all requests of a repository, asked for once, however many come at once', async (t) => {
  const servers = await tokenRegistry(t, {
    valid: new Set(['Bearer t1']),
    tokens: (_, response) => json(response, 200, { token: 't1', expires_in: 300 }),
  })
  const registry = open(t, `${servers.registry.host}/x`)
  await Promise.all(Array.from({ length: 8 }, () => registry.manifest('v1')))
  await registry.manifest('v1')
  assert.deepEqual(
    servers.tokenServer.seen.map(({ method, url, headers }) => [method, url, headers.authorization]),
    [['GET', '/token?service=the%2C+service&scope=repository%3Ax%3Apull', undefined]],
  )
})

test('a token that is refused in the middle is renewed once', async (t) => {
  const valid = new Set(['Bearer t1'])
  let count = 0
  const servers = await tokenRegistry(t, { valid, tokens: (_, response) => json(response, 200, { access_token: `t${++count}` }) })
  const registry = open(t, `${servers.registry.host}/x`)
  await registry.manifest('v1')
  valid.clear()
  valid.add('Bearer t2')
  await Promise.all([registry.manifest('v1'), registry.manifest('v1'), registry.manifest('v1')])
  assert.equal(servers.tokenServer.seen.length, 2)
})

test('a token past its life is renewed before it is sent', async (t) => {
  let count = 0
  const valid = new Set(['Bearer t1', 'Bearer t2', 'Bearer t3'])
  const servers = await tokenRegistry(t, {
    valid,
    tokens: (_, response) => json(response, 200, { token: `t${++count}`, expires_in: 1e-6 }),
  })
  const registry = open(t, `${servers.registry.host}/x`)
  await registry.manifest('v1')
  await registry.manifest('v1')
  const sent = servers.registry.seen.map(({ headers }) => headers.authorization)
  assert.equal(sent[0], undefined)
  assert.equal(new Set(sent).size, sent.length)
  assert.equal(servers.registry.seen.length, 3)
})

test('a password goes to the token server and nowhere else', async (t) => {
  const servers = await tokenRegistry(t, { valid: new Set(['Bearer t1']), tokens: (_, response) => json(response, 200, { token: 't1' }) })
  const credentials = { kind: 'password', username: 'alice', password: 'p:w' } as const
  await open(t, `${servers.registry.host}/x`, { credentials }).manifest('v1')
  assert.equal(servers.tokenServer.seen[0]?.headers.authorization, `Basic ${btoa('alice:p:w')}`)
  assert.deepEqual(
    servers.registry.seen.map(({ headers }) => headers.authorization),
    [undefined, 'Bearer t1'],
  )
})

test('an identity token is posted, and not to where a redirect leads', async (t) => {
  const stranger = await scriptedServer(t, (_, response) => json(response, 200, { token: 't1' }))
  let redirecting = false
  const servers = await tokenRegistry(t, {
    valid: new Set(['Bearer t1']),
    tokens: (_, response) =>
      redirecting ? answer(response, 307, { headers: { location: `${stranger.url}/` } }) : json(response, 200, { access_token: 't1' }),
  })
  const credentials = { kind: 'identity-token', token: 'refresh me' } as const
  await open(t, `${servers.registry.host}/x`, { credentials }).manifest('v1')
  const [asked] = servers.tokenServer.seen
  assert.equal(asked?.method, 'POST')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asked?.body)), {
    grant_type: 'refresh_token',
    service: 'the, service',
    client_id: 'gocker',
    scope: 'repository:x:pull',
    refresh_token: 'refresh me',
  })
  redirecting = true
  await assert.rejects(open(t, `${servers.registry.host}/x`, { credentials }).manifest('v1'), { code: 'BAD_RESPONSE' })
  assert.equal(stranger.seen.length, 0)
})

test('a registry token is sent as it is', async (t) => {
  const servers = await tokenRegistry(t, { valid: new Set(['Bearer mine']), tokens: (_, response) => answer(response, 500) })
  await open(t, `${servers.registry.host}/x`, { credentials: { kind: 'registry-token', token: 'mine' } }).manifest('v1')
  assert.equal(servers.tokenServer.seen.length, 0)
})

test('a user and a password go to a registry that asks for them', async (t) => {
  const basic = `Basic ${btoa('alice:pw')}`
  const server = await scriptedServer(t, ({ headers }, response) => {
    if (headers.authorization === basic) return serveManifest(response)
    answer(response, 401, { headers: { 'www-authenticate': 'Basic realm="x"' } })
  })
  const registry = open(t, `${server.host}/x`, { credentials: { kind: 'password', username: 'alice', password: 'pw' } })
  await registry.manifest('v1')
  await registry.manifest('v1')
  assert.deepEqual(
    server.seen.map(({ headers }) => headers.authorization),
    [undefined, basic, basic],
  )
})

test('refused credentials are an error that does not repeat them', async (t) => {
  const servers = await tokenRegistry(t, {
    valid: new Set(),
    tokens: (_, response) => json(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] }),
  })
  const credentials = { kind: 'password', username: 'alice', password: 'secret' } as const
  await assert.rejects(
    open(t, `${servers.registry.host}/x`, { credentials }).manifest('v1'),
    (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'UNAUTHORIZED')
      assert.match(error.message, /^getting a token .*incorrect username or password/)
      assert.match(error.hint, /not accepted/)
      return !`${error.message}${error.hint}${error.stack}`.includes('secret')
    },
  )
  assert.equal(servers.tokenServer.seen.length, 1)
})

test('a repository that the token does not open is denied with a hint to log in', async (t) => {
  const servers = await tokenRegistry(t, { valid: new Set(), tokens: (_, response) => json(response, 200, { token: 't1' }) })
  await assert.rejects(open(t, `${servers.registry.host}/x`).manifest('v1'), { code: 'UNAUTHORIZED', hint: /gocker login 127\.0\.0\.1/ })
  assert.equal(servers.registry.seen.length, 2)
})

test('a token server without TLS elsewhere is not told anything', async (t) => {
  const server = await scriptedServer(t, (_, response) =>
    answer(response, 401, { headers: { 'www-authenticate': 'Bearer realm="http://auth.example/token"' } }),
  )
  await assert.rejects(open(t, `${server.host}/x`).manifest('v1'), { code: 'BAD_RESPONSE', message: /auth\.example is not encrypted/ })
})

test('who asks is told to the registry, to its own redirects, and to no other host', async (t) => {
  const bytes = 'blob'
  const stranger = await scriptedServer(t, (_, response) => answer(response, 200, { body: bytes }))
  const server = await scriptedServer(t, ({ url, headers }, response) => {
    if (headers.authorization === undefined) return answer(response, 401, { headers: { 'www-authenticate': 'Basic realm="x"' } })
    answer(response, 307, { headers: { location: url === '/inside' ? `${stranger.url}/signed?secret=1` : '/inside' } })
  })
  const credentials = { kind: 'password', username: 'alice', password: 'pw' } as const
  const digest = `sha256:${'1'.repeat(64)}` as const
  const { body } = await open(t, `${server.host}/x`, { credentials }).blob({ digest, size: bytes.length })
  assert.equal((await body.toArray()).join(''), bytes)
  assert.ok(server.seen.some(({ url, headers }) => url === '/inside' && headers.authorization !== undefined))
  assert.deepEqual(
    stranger.seen.map(({ url, headers }) => [url, headers.authorization, headers['accept-encoding']]),
    [['/signed?secret=1', undefined, 'identity']],
  )
})

test('too many requests: the wait asked for is kept and told of', async (t) => {
  const server = await scriptedServer(t, (_, response) =>
    server.seen.length === 1 ? answer(response, 429, { headers: { 'retry-after': '1' } }) : serveManifest(response),
  )
  const events: PullEvent[] = []
  await open(t, `${server.host}/x`, { onEvent: (event) => events.push(event) }).manifest('v1')
  assert.deepEqual(
    events.map((event) => event.type === 'retry' && [event.delay, event.attempt, /too many requests/.test(event.why)]),
    [[1000, 1, true]],
  )
})

test('too many requests: a wait that is too long is left to the user', async (t) => {
  const server = await scriptedServer(t, (_, response) => answer(response, 429, { headers: { 'retry-after': '21600' } }))
  await assert.rejects(open(t, `${server.host}/x`).manifest('v1'), { code: 'RATE_LIMITED', retryAfter: 21_600_000 })
  assert.equal(server.seen.length, 1)
})

test('a failing server is asked five times', async (t) => {
  const server = await scriptedServer(t, (_, response) => answer(response, 503))
  await assert.rejects(open(t, `${server.host}/x`).manifest('v1'), { code: 'BAD_RESPONSE', message: /answered 503/ })
  assert.equal(server.seen.length, 5)
})

test('a server that hangs up is asked again', async (t) => {
  const server = await scriptedServer(t, (_, response) =>
    server.seen.length < 3 ? void response.socket?.destroy() : serveManifest(response),
  )
  await open(t, `${server.host}/x`).manifest('v1')
  assert.ok(server.seen.length >= 3)
})

test('mirrors in their order, passed over when they fail', async (t) => {
  const broken = await scriptedServer(t, (_, response) => answer(response, 503))
  const lacking = await scriptedServer(t, ({ url }, response) =>
    url.includes('/manifests/') ? answer(response, 404) : answer(response, 200, { body: 'blob' }),
  )
  const itself = await scriptedServer(t, (_, response) => serveManifest(response))
  const events: PullEvent[] = []
  const mirrors = [broken, lacking].map(({ host, url }) => `${itself.host}=${url},ghcr.io=http://${host}`).join(',')
  const registry = open(t, `${itself.host}/x`, { mirrors, onEvent: (event) => events.push(event) })
  await registry.manifest('v1')
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'mirror-failed' ? [event.mirror] : [])),
    [broken.host, lacking.host],
  )
  await registry.blob({ digest: MANIFEST.digest, size: 4 }).then(({ body }) => body.toArray())
  assert.deepEqual([broken.seen.length, lacking.seen.length, itself.seen.length], [2, 2, 1])
})
