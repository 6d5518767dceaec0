import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { detachedFixture } from './support/detached.ts'
import { refused } from './support/running.ts'

// Before the fixture looks for what is left.
after(async () => {
  await ok('rm', '-f', 'web', 'done')
  await ok('volume', 'rm', 'data')
})

const { gocker, prints: ok, image, eventually } = detachedFixture('busybox')
let id = ''

before(async () => {
  // The fixture's own hook may be at work still.
  await eventually(async () => (await ok('images', '-q')) !== '')
  await image('labelled', 'LABEL com.example.x=1', 'ENV PATH=/bin A=1', 'EXPOSE 80', 'VOLUME /anonymous', 'CMD ["sleep", "1000"]')
  const limits = ['--memory', '64m', '--cpus', '0.5', '--pids-limit', '50', '--restart', 'on-failure:3', '--cap-add', 'NET_ADMIN']
  const mounts = ['-v', 'data:/data:ro', '-v', '/proc/self:/host', '--tmpfs', '/scratch']
  const health = ['--health-cmd', 'echo fine', '--health-interval', '200ms']
  const flags = ['--name', 'web', '-h', 'box', '-l', 'tier=web', '-e', 'B=2', ...limits, ...mounts, ...health]
  id = (await ok('run', '-d', ...flags, 'labelled')).trim()
  await gocker(['run', '--network', 'none', '--name', 'done', 'busybox', 'sh', '-c', 'exit 4'])
})

const inspect = async (...words: string[]) => JSON.parse(await ok('inspect', ...words))
const format = async (template: string, ...words: string[]) => (await ok('inspect', '--format', template, ...words)).trimEnd()

test('a running container is described as docker describes one', async () => {
  const [web] = await inspect('web')
  assert.deepEqual([web.Id, web.Name, web.Path, web.Args, web.RestartCount], [id, '/web', 'sleep', ['1000'], 0])
  const { Status, Running, Paused, Pid, ExitCode, FinishedAt } = web.State
  assert.deepEqual([Status, Running, Paused, ExitCode, FinishedAt], ['running', true, false, 0, '0001-01-01T00:00:00Z'])
  assert.ok(Pid > 1)
  const { Hostname, Env, Cmd, Image, Labels, ExposedPorts } = web.Config
  assert.deepEqual([Hostname, Env, Cmd, Image], ['box', ['PATH=/bin', 'A=1', 'B=2'], ['sleep', '1000'], 'labelled'])
  assert.deepEqual([Labels, ExposedPorts], [{ 'com.example.x': '1', tier: 'web' }, { '80/tcp': {} }])
  const { Memory, NanoCpus, PidsLimit, RestartPolicy, CapAdd, NetworkMode, Binds } = web.HostConfig
  assert.deepEqual([Memory, NanoCpus, PidsLimit, CapAdd, NetworkMode], [67_108_864, 500_000_000, 50, ['NET_ADMIN'], 'bridge'])
  assert.deepEqual(RestartPolicy, { Name: 'on-failure', MaximumRetryCount: 3 })
  assert.deepEqual(Binds, ['data:/data:ro', '/proc/self:/host'])
})

test('mounts and networks are told as they are', async () => {
  const [{ Mounts, NetworkSettings }] = await inspect('web')
  const mounts = Mounts.map((mount: Record<string, unknown>) => [mount.Type, mount.Destination, mount.RW]).sort()
  assert.deepEqual(mounts, [
    ['bind', '/host', true],
    ['tmpfs', '/scratch', true],
    ['volume', '/anonymous', true],
    ['volume', '/data', false],
  ])
  const { bridge } = NetworkSettings.Networks
  assert.equal(bridge.IPAddress, NetworkSettings.IPAddress)
  assert.ok((await ok('exec', 'web', 'ip', 'addr')).includes(` ${bridge.IPAddress}/${bridge.IPPrefixLen} `))
  assert.deepEqual(NetworkSettings.Ports, { '80/tcp': null })
})

const TEMPLATES: [template: string, name: string, output: string][] = [
  ['{{.State.Status}} {{.State.ExitCode}}', 'done', 'exited 4'],
  ['{{if .State.Running}}up{{else}}down{{end}}', 'done', 'down'],
  ['{{json .State.Health}}', 'done', 'null'],
  ['{{index .Config.Labels "com.example.x"}}', 'web', '1'],
  ['{{join .Config.Cmd " "}} {{len .Mounts}}', 'web', 'sleep 1000 4'],
  ['{{range $name, $network := .NetworkSettings.Networks}}{{$name}} {{end}}', 'web', 'bridge '.trimEnd()],
  ['{{range .Mounts}}{{if eq .Type "volume"}}{{.Destination}} {{end}}{{end}}', 'web', '/anonymous /data'],
  ['{{(index .HostConfig.Binds 0)}}', 'web', 'data:/data:ro'],
]

for (const [template, name, output] of TEMPLATES)
  test(`${template} of ${name} is ${output}`, async () => {
    assert.equal((await format(template, name)).split(' ').filter(Boolean).sort().join(' '), output.split(' ').sort().join(' '))
  })

test('health is there once it was checked', async () => {
  await eventually(async () => (await format('{{.State.Health.Status}}', 'web')) === 'healthy')
  assert.equal(await format('{{.State.Health.FailingStreak}} {{(index .State.Health.Log 0).Output}}', 'web'), '0 fine')
})

test('images, volumes and networks have documents, too, in any company', async () => {
  const all = await inspect('web', 'labelled', 'data', 'bridge')
  assert.deepEqual(
    all.map((each: Record<string, unknown>) => Object.keys(each)[0]),
    ['Id', 'Id', 'CreatedAt', 'Name'],
  )
  assert.deepEqual([all[1].RepoTags, all[1].Config.Labels, all[2].Name], [['labelled:latest'], { 'com.example.x': '1' }, 'data'])
  assert.ok(all[3].Containers[id].IPv4Address)
  assert.equal(await format('{{.Mountpoint}}', '--type', 'volume', 'data'), all[2].Mountpoint)
  assert.deepEqual(JSON.parse(await ok('image', 'inspect', 'labelled')), [all[1]])
  assert.equal((await inspect('--size', 'done'))[0].SizeRw > 0, true)
})

test('what is not there is told, and the others are shown', async () => {
  const { code, stdout, stderr } = await gocker(['inspect', '--format', '{{.Name}}', 'nope', 'done'])
  assert.deepEqual([code, stdout], [1, '/done\n'])
  assert.match(stderr, /^gocker: finding nope: there is none/)
  refused(await gocker(['inspect', '--type', 'image', 'web']), 125, /finding image web: there is none/)
  refused(await gocker(['inspect', '--format', '{{.State.Nope}}', 'web']), 125, /reading Nope of \.State: there is no such field/)
  refused(await gocker(['inspect', '--format', '{{.State.Health.Status}}', 'done']), 125, /\.State\.Health is nil/)
})
