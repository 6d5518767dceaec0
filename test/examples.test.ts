import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type RunningCommand, temporaryDirectory } from '@gocker/testkit'
import { runFixture, succeeded } from './support/running.ts'
import { STAND_INS } from './support/stand-ins.ts'

/**
 * Builds each of Gockerfile.examples and runs what comes out. Their bases stand in for the public ones, so that only Debian's
 * archive and npm's registry are asked.
 */
const EXAMPLES = fileURLToPath(new URL('../Gockerfile.examples', import.meta.url))

const store = runFixture('busybox', 'debian')
const MINUTE = 60_000

/** The public names of the two bases that all others stand on. */
const BASES = { 'debian:stable-slim': 'debian', 'busybox:stable': 'busybox' }
let named: Promise<void> | undefined

async function nameBases(): Promise<void> {
  for (const [name, image] of Object.entries(BASES)) succeeded(await store.gocker(['tag', image, name]))
}

const standing = new Map<string, Promise<void>>()

/** Makes the base that an example begins with, once. */
async function standIn(t: TestContext, name: string): Promise<void> {
  const made = standing.get(name) ?? makeStandIn(t, name)
  standing.set(name, made)
  await made
}

async function makeStandIn(t: TestContext, name: string): Promise<void> {
  const { gockerfile, fill } = STAND_INS[name] ?? assert.fail(`nothing stands in for ${name}`)
  const context = temporaryDirectory(t)
  fill?.(context)
  writeFileSync(join(context, 'Gockerfile'), gockerfile)
  await built(context, name)
}

async function example(t: TestContext, directory: string, { bases = [], flags = [] }: { bases?: string[]; flags?: string[] } = {}) {
  for (const base of bases) await standIn(t, base)
  const name = `example-${directory}`
  await built(join(EXAMPLES, directory), name, ...flags)
  return name
}

async function built(context: string, name: string, ...flags: string[]): Promise<void> {
  named ??= nameBases()
  await named
  const words = ['build', '--network', 'host', '--progress', 'plain', '-t', name, ...flags, context]
  succeeded(await store.gocker(words, { timeout: 10 * MINUTE }))
}

test('every example has a page and is tried here', async () => {
  const directories = readdirSync(EXAMPLES)
  for (const directory of directories)
    assert.deepEqual(
      ['Gockerfile', 'README.md'].filter((file) => !existsSync(join(EXAMPLES, directory, file))),
      [],
      directory,
    )
  assert.deepEqual(directories.sort(), [...TRIED].sort())
})

const TRIED = new Set<string>()

function tried(directory: string, what: string, run: (t: TestContext) => Promise<void>): void {
  TRIED.add(directory)
  test(`${directory}: ${what}`, run)
}

tried('hello', 'sees what its container is', async (t) => {
  const image = await example(t, 'hello')
  const said = await store.output(['--hostname', 'box', '--pids-limit', '32', image])
  assert.match(said, /^hostname: {2}box$/m)
  assert.match(said, /^processes: 32 at the most$/m)
})

tried('cli-tool', 'reads standard input and files', async (t) => {
  const image = await example(t, 'cli-tool')
  const markdown = '# One\n\ntext\n## Two, again\n```\n# no heading\n```\n'
  const expected = '- [One](#one)\n  - [Two, again](#two-again)\n'
  assert.equal(await store.output(['-i', image], { input: markdown }), expected)
  const directory = temporaryDirectory(t)
  mkdirSync(join(directory, 'docs'), { mode: 0o755 })
  writeFileSync(join(directory, 'docs/a.md'), markdown)
  assert.equal(await store.output(['-v', `${directory}/docs:/work:ro`, image, 'a.md']), expected)
})

tried('c-scratch', 'is one program that knows its limits', async (t) => {
  const image = await example(t, 'c-scratch')
  assert.match(await store.output(['--ulimit', 'nofile=100:200', image]), /^open files +100 +200$/m)
})

tried('debian-base', 'is a Debian that can run and install', async (t) => {
  const image = await example(t, 'debian-base')
  assert.match(await store.output([image, 'cat', '/etc/os-release']), /^VERSION_CODENAME=bookworm$/m)
  assert.equal(await store.output([image, 'dpkg-query', '--show', '--showformat=${db:Status-Abbrev}', 'ca-certificates']), 'ii ')
})

tried('monorepo', 'has an image for each target', async (t) => {
  const worker = await example(t, 'monorepo', { bases: ['node:24-slim'] })
  assert.equal(await store.output(['-i', worker], { input: '5\n1234\n' }), '0.05\n12.34\n')
  await example(t, 'monorepo', { flags: ['--target', 'test'] })
  const api = await example(t, 'monorepo', { flags: ['--target', 'api'] })
  await served(t, api, { path: '/?cents=99', says: /^0\.99\n$/ })
})

tried('node-pnpm', 'answers, with what it depends on', async (t) => {
  const image = await example(t, 'node-pnpm', { bases: ['node:24-slim'] })
  await served(t, image, { path: '/?name=<you>', says: /<p>Hello &lt;you&gt;<\/p>/ })
  assert.doesNotMatch(await store.output([image, 'ls', 'node_modules']), /esbuild/)
})

tried('python', 'keeps notes', async (t) => {
  const image = await example(t, 'python', { bases: ['python:3-slim'] })
  await served(t, image, { path: '/', says: /^\[\]$/ })
  assert.equal(await store.output([image, 'python', '-c', 'import sys; print(sys.prefix)']), '/opt/venv\n')
})

tried('static-site', 'serves its pages', async (t) => {
  const image = await example(t, 'static-site', { bases: ['nginx:stable'] })
  const port = await freePort()
  const change = `sed 's/listen 8080/listen 127.0.0.1:${port}/' /etc/nginx/nginx.conf > /tmp/nginx.conf`
  const command = ['--user', '65534:65534', image, 'sh', '-c', `${change} && exec nginx -c /tmp/nginx.conf -g 'daemon off;'`]
  const server = store.start(['--network', 'host', ...command])
  t.after(() => ended(server, 'SIGQUIT'))
  assert.match(await answer(server, `http://127.0.0.1:${port}/`), /<title>Home<\/title>[\s\S]*<h1>It works<\/h1>/)
  assert.match(await answer(server, `http://127.0.0.1:${port}/nowhere`), /There is no such page/)
})

tried('postgres-init', 'has its tables and rows when it starts', async (t) => {
  const image = await example(t, 'postgres-init', { bases: ['postgres:17'] })
  const port = await freePort()
  const settings = ['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off']
  const server = store.start(['--network', 'host', '-e', 'POSTGRES_PASSWORD=secret', image, 'postgres', ...settings])
  t.after(() => ended(server, 'SIGINT'))
  const query = 'SELECT name, cents FROM product WHERE cents > 100 ORDER BY cents'
  const psql = ['psql', '--host', '127.0.0.1', '--port', `${port}`, '--username', 'shop', '--no-align', '--tuples-only', '--command', query]
  const rows = await until(server, async () => {
    const { code, stdout } = await store.run(['--network', 'host', '-e', 'PGPASSWORD=secret', '--user', 'postgres', image, ...psql, 'shop'])
    return code === 0 ? stdout : undefined
  })
  assert.equal(rows, 'bread|320\ncheese|780\n')
})

test('postgres-init: what was written outlives a kill, and the container', async (t) => {
  const image = await example(t, 'postgres-init', { bases: ['postgres:17'] })
  const start = [
    'run',
    '-d',
    '--name',
    'shop',
    '--network',
    'none',
    '-v',
    'shop:/var/lib/postgresql/data',
    '-e',
    'POSTGRES_PASSWORD=secret',
    image,
  ]
  const words = ['exec', '--user', 'postgres', 'shop', 'psql', '--username', 'shop', '--no-align', '--tuples-only', '--quiet', '--command']
  const answered = async (query: string) => {
    const deadline = Date.now() + MINUTE
    for (;;) {
      const { code, stdout, stderr } = await store.gocker([...words, query])
      if (code === 0) return stdout
      assert.ok(Date.now() < deadline, stderr)
      await delay(100)
    }
  }
  t.after(() => store.gocker(['rm', '-f', 'shop']))
  succeeded(await store.gocker(start))
  await answered("INSERT INTO product (name, cents) VALUES ('honey', 990)")
  succeeded(await store.gocker(['kill', 'shop']))
  assert.equal((await store.gocker(['wait', 'shop'])).stdout, '137\n')
  succeeded(await store.gocker(['start', 'shop']))
  assert.equal(await answered("SELECT cents FROM product WHERE name = 'honey'"), '990\n')
  succeeded(await store.gocker(['rm', '-f', 'shop']))
  succeeded(await store.gocker(start))
  assert.equal(await answered("SELECT cents FROM product WHERE name = 'honey'"), '990\n')
})

for (const [directory, base, toolchain] of [
  ['go-scratch', 'golang:1', 'go'],
  ['rust-cache', 'rust:1-slim', 'cargo'],
] as const)
  tried(directory, 'hands on what a stand-in of its toolchain compiled', async (t) => {
    const image = await example(t, directory, { bases: [base] })
    assert.equal(await store.output([image]), `compiled by the stand-in of ${toolchain}\n`)
  })

/** Runs a server that takes its port from PORT, asks it once, and ends it. */
async function served(t: TestContext, image: string, { path, says }: { path: string; says: RegExp }): Promise<void> {
  const port = await freePort()
  const server = store.start(['--network', 'host', '-e', `PORT=${port}`, image])
  t.after(() => ended(server, 'SIGTERM'))
  assert.match(await answer(server, `http://127.0.0.1:${port}${path}`), says)
}

async function answer(server: RunningCommand, url: string): Promise<string> {
  return await until(server, async () => {
    const response = await fetch(url).catch(() => undefined)
    return await response?.text()
  })
}

/** Asks again until there is an answer; gives up when the server has ended. */
async function until<T>({ child, result }: RunningCommand, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answered = await ask()
    if (answered !== undefined) return answered
    if (child.exitCode !== null) assert.fail(JSON.stringify(await result))
    await delay(100)
  }
}

async function ended({ child, result }: RunningCommand, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal)
  await result
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
