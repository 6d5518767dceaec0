import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openStore, type StoredImage } from '@gocker/store'
import { refused, runFixture, succeeded } from './support/running.ts'

const { gocker, image, output, root } = runFixture('busybox')

async function container(t: TestContext, name: string, ...words: string[]): Promise<void> {
  t.after(() => gocker(['rm', '-f', name]))
  succeeded(await gocker(['run', '--network', 'none', '--name', name, ...words]))
}

async function committed(...words: string[]): Promise<StoredImage> {
  const { stdout } = succeeded(await gocker(['commit', ...words]))
  assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/)
  const store = await openStore({ root: join(root, 'store'), run: join(root, 'run') })
  return await store.images.get(stdout.trim())
}

test('a container becomes an image that runs', async (t) => {
  const script = 'echo made > /made; rm /etc/os-release; touch /v/x'
  await container(t, 'commit-files', '-v', '/v', 'busybox', 'sh', '-c', script)
  const { config, references } = await committed('-m', 'with a file', '-a', 'me', 'commit-files', 'of-commit:1')
  assert.deepEqual([references, config.author], [['docker.io/library/of-commit:1'], 'me'])
  const { created_by, comment, author, empty_layer } = config.history?.at(-1) ?? {}
  assert.deepEqual([created_by, comment, author, empty_layer], [`sh -c ${script}`, 'with a file', 'me', undefined])
  assert.equal(
    await output(['of-commit:1', 'sh', '-c', 'cat /made; ls /v /etc/os-release 2>&1; true']),
    'made\nls: /etc/os-release: No such file or directory\n/v:\n',
  )
})

test('the layer holds what was done and nothing else, and is the same each time', async (t) => {
  await container(t, 'commit-same', '-v', '/new/mount', 'busybox', 'sh', '-c', 'echo x > /x; touch -d @1 /x')
  const [first, second] = [await committed('commit-same'), await committed('commit-same')]
  assert.equal(first.layers.at(-1), second.layers.at(-1))
  assert.equal(first.layers.length, 2)
  await container(t, 'commit-none', 'busybox', 'true')
  const { config, layers } = await committed('commit-none')
  assert.deepEqual([layers.length, config.history?.at(-1)?.empty_layer], [1, true])
})

test("what the container was asked to be goes over its image's config", async (t) => {
  await image('of-settings', 'ENV PATH=/bin A=image B=image', 'CMD ["sleep"]', 'LABEL from=image', 'EXPOSE 80', 'USER 0', 'VOLUME /data')
  const flags = [
    '-e',
    'B=own',
    '-e',
    'C=own',
    '-l',
    'mine=1',
    '-w',
    '/tmp',
    '-u',
    '1000',
    '--expose',
    '53/udp',
    '-v',
    '/more',
    '-v',
    'named:/named',
  ]
  await container(t, 'commit-settings', ...flags, '--entrypoint', 'busybox', 'of-settings', 'true')
  const { config } = await committed('commit-settings')
  assert.deepEqual(config.config, {
    Env: ['PATH=/bin', 'A=image', 'B=own', 'C=own'],
    Entrypoint: ['busybox'],
    Cmd: ['true'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Labels: { from: 'image', mine: '1' },
    User: '1000',
    Volumes: { '/data': {}, '/more': {} },
    WorkingDir: '/tmp',
  })
})

test('--change takes the instructions of a Gockerfile that change the config', async (t) => {
  await container(t, 'commit-change', '-e', 'PATH=/bin', '-e', 'A=1', 'busybox', 'true')
  const changes = [
    ...['ENV B=$A C="two words"', 'ENTRYPOINT ["sh", "-c"]', 'CMD echo $B', 'EXPOSE 80 53/udp', 'LABEL a=b', 'USER alice', 'VOLUME /v'],
    ...['WORKDIR /srv', 'WORKDIR www', 'STOPSIGNAL SIGINT', 'ONBUILD RUN true', 'HEALTHCHECK --interval=5s CMD true'],
  ]
  const { config } = await committed(...changes.flatMap((change) => ['-c', change]), 'commit-change')
  assert.deepEqual(config.config, {
    Env: ['PATH=/bin', 'A=1', 'B=1', 'C=two words'],
    Entrypoint: ['sh', '-c'],
    Cmd: ['/bin/sh', '-c', 'echo $B'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Labels: { a: 'b' },
    User: 'alice',
    Volumes: { '/v': {} },
    WorkingDir: '/srv/www',
    StopSignal: 'SIGINT',
    OnBuild: ['RUN true'],
    Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5_000_000_000 },
  })
  refused(await gocker(['commit', '-c', 'RUN true', 'commit-change']), 125, /RUN changes more than the configuration/)
  refused(await gocker(['commit', '-c', 'CDM true', 'commit-change']), 125, /unknown instruction CDM/)
  refused(await gocker(['commit', 'commit-change', 'No:No']), 125, /No:No/)
})

test('a container that runs stands still meanwhile, and goes on', async (t) => {
  t.after(() => gocker(['rm', '-f', 'commit-live']))
  // Two files that are never different for long: still, they are the same.
  const script = 'n=0; while :; do n=$((n + 1)); echo $n > /new; cp /new /a.new; mv /a.new /a; mv /new /b; done'
  succeeded(await gocker(['run', '-d', '--network', 'none', '--name', 'commit-live', 'busybox', 'sh', '-c', script]))
  succeeded(await gocker(['commit', 'commit-live', 'of-live']))
  const [a = 0, b = 0] = (await output(['of-live', 'sh', '-c', 'cat /a /b'])).trim().split('\n').map(Number)
  assert.ok(a - b === 0 || a - b === 1, `${a} and ${b}`)
  const counted = async () => Number((await gocker(['exec', 'commit-live', 'busybox', 'cat', '/a'])).stdout)
  const before = await counted()
  const deadline = Date.now() + 10_000
  while ((await counted()) <= before) assert.ok(Date.now() < deadline, 'it goes on')
})
