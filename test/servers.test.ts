import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runFixture, succeeded } from './support/running.ts'

const MINUTE = 60_000
const GOCKERFILE = `FROM debian
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light redis-server
RUN echo 'it answers' > /var/www/html/index.html && printf 'bind 0.0.0.0\\nprotected-mode no\\n' > /etc/redis.conf
`

const { gocker, output } = runFixture('debian')

let building: Promise<unknown> | undefined

/** The image that both are in, made once. */
async function built(): Promise<void> {
  building ??= gocker(['build', '--network', 'host', '-t', 'servers', '-'], { input: GOCKERFILE, timeout: 10 * MINUTE }).then(succeeded)
  await building
}

test('nginx answers behind a published port, thousands of times', async () => {
  await built()
  succeeded(await gocker(['run', '-d', '--name', 'web', '-p', '127.0.0.1::80', 'servers', 'nginx', '-g', 'daemon off;']))
  try {
    const url = `http://${succeeded(await gocker(['port', 'web', '80'])).stdout.trim()}/`
    await until(async () => (await (await fetch(url)).text()) === 'it answers\n')
    const report = execFileSync('wrk', ['--threads', '1', '--connections', '16', '--duration', '2s', url], { encoding: 'utf8' })
    assert.doesNotMatch(report, /Socket errors|Non-2xx/)
    assert.ok(Number(/(\d+) requests in/.exec(report)?.[1]) > 1000, report)
    const logged = succeeded(await gocker(['exec', 'web', 'grep', '-c', 'GET /', '/var/log/nginx/access.log'])).stdout
    assert.ok(Number(logged) > 1000, logged)
  } finally {
    succeeded(await gocker(['rm', '-f', 'web']))
  }
})

test('redis is found by its name, and keeps what it is given over a restart', async () => {
  await built()
  succeeded(await gocker(['network', 'create', 'backend']))
  try {
    const server = ['redis-server', '/etc/redis.conf', '--dir', '/data', '--appendonly', 'yes']
    succeeded(await gocker(['run', '-d', '--name', 'cache', '--network', 'backend', '-v', 'cache:/data', 'servers', ...server]))
    const redis = (...words: string[]) => output(['--network', 'backend', 'servers', 'redis-cli', '-h', 'cache', ...words])
    await until(async () => (await redis('ping')) === 'PONG\n')
    assert.equal(await redis('set', 'key', 'kept'), 'OK\n')
    succeeded(await gocker(['restart', 'cache']))
    await until(async () => (await redis('get', 'key')) === 'kept\n')
  } finally {
    succeeded(await gocker(['rm', '-f', 'cache']))
    succeeded(await gocker(['network', 'rm', 'backend']))
  }
})

/** A server takes its time to listen; until then it refuses, or says something else. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + MINUTE
  while (!(await isSo().catch(() => false))) {
    assert.ok(Date.now() < deadline, `${isSo} within a minute`)
    await delay(100)
  }
}
