import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { imageLayout } from '../image/layout.ts'
import { pushLayout } from '../image/push-layout.ts'
import { pullWithSkopeo, pushWithSkopeo } from '../image/skopeo.ts'
import { type Registry, startRegistry } from '../registry/registry.ts'
import { buildTar } from '../tar/build-tar.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { startTokenServer, type TokenServer } from './token-server.ts'

const users = {
  alice: { password: 'a:secret' },
  reader: { password: 'r', grants: [{ repository: 'team/*', actions: ['pull'] as const }] },
}

test('skopeo pushes and pulls with the tokens, each user within its rights', async (t) => {
  await using tokens = await startTokenServer({ users, anonymous: [{ repository: 'public/x', actions: ['pull'] }] })
  await using registry = await startRegistry({ auth: tokens.auth })
  const directory = temporaryDirectory(t)
  const layout = imageLayout(`${directory}/in`, { layers: [buildTar([{ name: 'f' }])] })
  await pushWithSkopeo(layout, `${registry.host}/team/x:t`, { creds: 'alice:a:secret' })
  await pushWithSkopeo(layout, `${registry.host}/public/x:t`, { creds: 'alice:a:secret' })
  await pullWithSkopeo(`${registry.host}/team/x:t`, `${directory}/one`, { creds: 'reader:r' })
  await pullWithSkopeo(`${registry.host}/public/x:t`, `${directory}/two`)
  await assert.rejects(pushWithSkopeo(layout, `${registry.host}/team/x:u`, { creds: 'reader:r' }), /denied|authentication required/)
  await assert.rejects(pullWithSkopeo(`${registry.host}/team/x:t`, `${directory}/three`), /denied|authentication required/)
  await assert.rejects(pullWithSkopeo(`${registry.host}/team/x:t`, `${directory}/four`, { creds: 'alice:wrong' }), /unauthorized|401/i)
  assert.ok(tokens.requests.some(({ user, scopes }) => user === 'reader' && scopes.includes('repository:team/x:pull')))
})

test('the challenge names the server; a token works until it has expired', async () => {
  await using tokens = await startTokenServer({ users, ttlSeconds: 2 })
  await using registry = await startRegistry({ auth: tokens.auth })
  const challenge = (await fetch(`${registry.url}/v2/`)).headers.get('www-authenticate')
  assert.equal(challenge, `Bearer realm="${tokens.auth.realm}",service="${tokens.auth.service}"`)
  const authorization = `Bearer ${tokens.issue('alice')}`
  assert.equal((await fetch(`${registry.url}/v2/`, { headers: { authorization } })).status, 200)
  while ((await fetch(`${registry.url}/v2/`, { headers: { authorization } })).status === 200) await delay(100)
  assert.equal((await fetch(`${registry.url}/v2/`, { headers: { authorization: `Bearer ${tokens.issue('alice')}` } })).status, 200)
})

test('a token of another key is refused', async () => {
  await using tokens = await startTokenServer({ users })
  await using others = await startTokenServer({ users })
  await using registry = await startRegistry({ auth: tokens.auth })
  assert.equal(await ping(registry, others), 401)
  assert.equal(await ping(registry, tokens), 200)
})

test('refresh tokens are given for a password, and taken', async () => {
  await using tokens = await startTokenServer({ users, expiresIn: null })
  await using registry = await startRegistry({ auth: tokens.auth })
  const post = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ service: tokens.auth.service, client_id: 'test', scope: 'repository:x:pull', ...form })
    const answer = await fetch(tokens.auth.realm, { method: 'POST', body })
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  const first = await post({ grant_type: 'password', username: 'alice', password: 'a:secret', access_type: 'offline' })
  assert.equal('expires_in' in first.body, false)
  const second = await post({ grant_type: 'refresh_token', refresh_token: first.body.refresh_token ?? '' })
  const headers = { authorization: `Bearer ${second.body.access_token}` }
  assert.equal((await fetch(`${registry.url}/v2/`, { headers })).status, 200)
  assert.equal((await post({ grant_type: 'refresh_token', refresh_token: 'made up' })).status, 400)
  assert.deepEqual(
    tokens.requests.map(({ grant, user, status }) => [grant, user, status]),
    [
      ['password', 'alice', 200],
      ['refresh_token', 'alice', 200],
      ['refresh_token', undefined, 400],
    ],
  )
})

test('the exact push works with a token', async (t) => {
  await using tokens = await startTokenServer({ users })
  await using registry = await startRegistry({ auth: tokens.auth })
  const layout = imageLayout(temporaryDirectory(t), { layers: [buildTar([{ name: 'f' }])] })
  await pushLayout(layout, `${registry.url}/x:t`, `Bearer ${tokens.issue('alice', 'repository:x:pull,push')}`)
  await assert.rejects(pushLayout(layout, `${registry.url}/x:t`), /401/)
})

async function ping(registry: Registry, tokens: TokenServer): Promise<number> {
  return (await fetch(`${registry.url}/v2/`, { headers: { authorization: `Bearer ${tokens.issue('alice')}` } })).status
}
