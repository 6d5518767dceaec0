import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { get } from 'node:https'
import { test } from 'node:test'
import { makeAuthority } from '../certificate.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { startRegistry } from './registry.ts'

test('a plain registry answers the ping, and nothing of it stays after stop', async () => {
  const registry = await startRegistry()
  const answer = await fetch(`${registry.url}/v2/`)
  assert.equal(answer.status, 200)
  await registry.stop()
  await assert.rejects(fetch(`${registry.url}/v2/`))
  assert.equal(existsSync(registry.root), false)
})

test('two registries stand side by side', async () => {
  await using one = await startRegistry()
  await using two = await startRegistry()
  assert.notEqual(one.host, two.host)
})

test('a registry with passwords refuses strangers and wrong passwords', async () => {
  await using registry = await startRegistry({ auth: { kind: 'basic', users: { alice: 'wonder land', bob: 'b' } } })
  const status = async (who?: string) => {
    const headers: Record<string, string> = who === undefined ? {} : { authorization: `Basic ${btoa(who)}` }
    return (await fetch(`${registry.url}/v2/`, { headers })).status
  }
  assert.deepEqual(await Promise.all([status(), status('alice:b'), status('alice:wonder land'), status('bob:b')]), [401, 401, 200, 200])
})

test('a registry with TLS is trusted by its authority alone', async (t) => {
  const authority = makeAuthority(temporaryDirectory(t))
  await using registry = await startRegistry({ tls: authority.issue('registry') })
  const status = (ca?: string) =>
    new Promise<number | undefined>((resolve, reject) =>
      get(`${registry.url}/v2/`, { ca, agent: false }, (answer) => resolve(answer.resume().statusCode)).on('error', reject),
    )
  assert.equal(await status(authority.certificate), 200)
  await assert.rejects(status(), { code: /SELF_SIGNED|UNABLE_TO_VERIFY/ })
})

test('a registry dies with a process that is killed', async (t) => {
  const module = new URL('./registry.ts', import.meta.url).href
  const script = `import { startRegistry } from '${module}'
    console.log((await startRegistry()).url)
    setInterval(() => {}, 1000)`
  // Its own temporary directories stay behind it: they are put where they are removed.
  const env = { ...process.env, TMPDIR: temporaryDirectory(t) }
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await child.stdout.take(1).toArray()).map((chunk) => String(chunk).trim())
  assert.equal((await fetch(`${url}/v2/`)).status, 200)
  child.kill('SIGKILL')
  while (await fetch(`${url}/v2/`).then(Boolean, () => false));
})
