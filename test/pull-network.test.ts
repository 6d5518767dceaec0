import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { buildTar, gocker, imageLayout, leaks, pushWithSkopeo, startForwardProxy, startGocker, temporaryDirectory } from '@gocker/testkit'
import { failedWith, NOTHING, pullFixture, storeContents, succeeded } from './support/pulling.ts'

const { registry, pushed, proxy } = await pullFixture()
const SMALL = buildTar([{ name: 'etc/' }, { name: 'etc/motd', content: 'hello\n' }])
const LARGE = buildTar([{ name: 'noise', content: randomBytes(2_000_000) }])
/** Nobody listens there. */
const DEAD = '127.0.0.1:1'

async function pushAs(t: TestContext, name: string): Promise<void> {
  await pushWithSkopeo(imageLayout(temporaryDirectory(t), { layers: [SMALL] }), `${registry.host}/${name}`)
}

test("Docker Hub's names are asked of its mirrors, and are Docker Hub's in the store", async (t) => {
  await pushAs(t, 'library/debian:latest')
  await pushAs(t, 'cache/someone/tool:v2')
  const root = temporaryDirectory(t)
  const mirrors = `http://${DEAD},http://${registry.host}`
  const first = succeeded(await gocker(['pull', 'debian'], { root, env: { GOCKER_REGISTRY_MIRRORS: mirrors } }))
  assert.match(first.stderr, /^mirror 127\.0\.0\.1:1: .*refused; going on with the next$/m)
  const below = { GOCKER_REGISTRY_MIRRORS: `http://${registry.host}/cache` }
  succeeded(await gocker(['pull', 'docker.io/someone/tool:v2'], { root, env: below }))
  const { stdout } = succeeded(await gocker(['images'], { root }))
  assert.match(stdout, /^debian +latest /m)
  assert.match(stdout, /^someone\/tool +v2 /m)
})

test('a mirror for one registry is not asked for another', async (t) => {
  await pushAs(t, 'o/i:v1')
  const env = { GOCKER_REGISTRY_MIRRORS: `registry.invalid=http://${registry.host}` }
  succeeded(await gocker(['pull', 'registry.invalid/o/i:v1'], { env }))
  failedWith(await gocker(['pull', 'other.invalid/o/i:v1'], { env }), /other\.invalid/)
  failedWith(await gocker(['pull', 'debian'], { env: { GOCKER_REGISTRY_MIRRORS: 'http://user:secret@mirror.invalid' } }), /mirror\.invalid/)
})

test('proxies of the environment are used, and NO_PROXY is heeded', async (t) => {
  await pushAs(t, 'by-proxy:v1')
  // Nothing on 127.0.0.0/8 goes through a proxy; this address leads there all the same.
  const elsewhere = registry.host.replace('127.0.0.1', '0.0.0.0')
  await using forward = await startForwardProxy('me:pass')
  const url = forward.url.replace('://', '://me:pass@')
  const pull = (env: Record<string, string>) => gocker(['pull', '--insecure', `${elsewhere}/by-proxy:v1`], { env })
  succeeded(await pull({ HTTP_PROXY: url, HTTPS_PROXY: url }))
  assert.ok(forward.requests.some(({ target }) => target === `http://${elsewhere}/v2/by-proxy/manifests/v1` || target === elsewhere))
  const before = forward.requests.length
  succeeded(await pull({ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '0.0.0.0' }))
  assert.equal(forward.requests.length, before)
  const refused = await pull({ HTTP_PROXY: forward.url, HTTPS_PROXY: forward.url })
  failedWith(refused, /407/)
  const wrong = await pull({ HTTP_PROXY: url.replace('pass', 'hushhush'), HTTPS_PROXY: url.replace('pass', 'hushhush') })
  failedWith(wrong, /407/)
  assert.ok(!wrong.stderr.includes('hushhush'))
})

const NOWHERE: readonly [name: string, said: RegExp][] = [
  [`${DEAD}/x`, /127\.0\.0\.1:1.*refused/],
  ['no-such-host.invalid/x', /no-such-host\.invalid.*host name/],
]

for (const [name, said] of NOWHERE)
  test(`${name}: one line says why, and nothing is in the store`, async (t) => {
    const root = temporaryDirectory(t)
    const failed = await gocker(['pull', name], { root })
    failedWith(failed, said)
    assert.match(failed.stderr, /hint: /)
    assert.deepEqual(await storeContents(root), NOTHING)
  })

test('what is not there is said to be not there', async () => {
  failedWith(await gocker(['pull', `${registry.host}/no/such:v1`]), /v1 of no\/such.*not found/)
})

test('a registry that goes away in the middle ends the pull, and what had arrived is kept for the next', async (t) => {
  const root = temporaryDirectory(t)
  const { name, layout } = await pushed(t, { layers: [LARGE], compression: 'none' })
  const watch = leaks(root)
  const slow = await proxy(t, { path: /blobs/, nth: 2, kind: 'slow', bytesPerSecond: 1_000_000 })
  const pulling = startGocker(['pull', `${slow.host}/${name}`], { root })
  const layer = layout.images[0]?.layers[0]?.digest ?? '?'
  while (!slow.requests.some(({ path }) => path.endsWith(layer))) await delay(10)
  const partial = join(root, 'store/tmp', `blob-${layer.replace(':', '-')}`)
  while (!((statSync(partial, { throwIfNoEntry: false })?.size ?? 0) > 0)) await delay(10)
  await slow.stop()
  failedWith(await pulling.result, new RegExp(`${slow.host}.*(refused|reset|closed)`))
  await watch.assertNone()
  assert.deepEqual((await storeContents(root)).images, '')
  const again = succeeded(await gocker(['pull', `${registry.host}/${name}`], { root }))
  assert.match(again.stderr, / of it are here/)
})
