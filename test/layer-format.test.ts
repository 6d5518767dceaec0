import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { canShareImages } from '@gocker/kernel'
import { busyboxRootfs, gocker as gockerIn, temporaryDirectory } from '@gocker/testkit'
import { refused, runFixture, succeeded } from './support/running.ts'

const { root, gocker, output } = runFixture()
const LAYERS = join(root, 'store', 'layers', 'sha256')

async function done(words: readonly string[], options?: Parameters<typeof gocker>[1]): Promise<string> {
  return succeeded(await gocker(words, options)).stdout
}

/** The layers of a store, by their forms. */
function formsIn(directory: string): { images: string[]; directories: string[] } {
  const names = readdirSync(directory)
  const isImage = (name: string) => names.includes(`${name}.erofs`)
  const layers = names.filter((name) => !name.includes('.'))
  return { images: layers.filter(isImage), directories: layers.filter((name) => !isImage(name)) }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Of the mounted image that the monitor of a container keeps. */
function monitorsDevice(pid: number): number {
  const [, monitor = ''] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const held = readdirSync(join(root, 'run', 'layer-mounts', 'sha256'), { recursive: true, encoding: 'utf8' })
  const [, fd, device] = held.map((name) => name.match(`/${monitor}-\\d+-(\\d+)-(\\d+)$`)).find((found) => found !== null) ?? []
  assert.equal(statSync(`/proc/${monitor}/fd/${fd}/`).dev, Number(device))
  return Number(device)
}

before(async () => {
  await done(['import', '--layer-format', 'erofs', '-c', 'VOLUME /usr/share/data', '-', 'box'], { input: busyboxRootfs() })
})

test('a layer is one file, and empty where it will be mounted; the host sees no mount', async () => {
  const { images, directories } = formsIn(LAYERS)
  assert.deepEqual([images.length, directories], [1, []])
  assert.deepEqual(readdirSync(join(LAYERS, `${images[0]}`)), [])
  assert.equal(
    await output(['box', 'sh', '-c', 'echo changed >/etc/passwd; cat /etc/passwd; grep -c erofs /proc/mounts; true']),
    'changed\n0\n',
  )
  assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes(root))
  assert.match(await done(['images']), /box/)
})

test('users and volumes are found in it', async () => {
  assert.equal(await output(['-u', 'root', '-v', 'kept:/etc', 'box', 'id', '-un']), 'root\n')
  assert.match(readFileSync(join(root, 'store', 'volumes', 'kept', 'passwd'), 'utf8'), /^root:/)
  await done(['volume', 'rm', 'kept'])
})

test('files go into a container and out of it, and what was changed is told and kept', async (t) => {
  const place = temporaryDirectory(t)
  writeFileSync(join(place, 'new'), 'from outside')
  await done(['create', '--name', 'files', 'box', 'cat', '/new'])
  await done(['cp', join(place, 'new'), 'files:/new'])
  await done(['cp', 'files:/etc/passwd', join(place, 'passwd')])
  assert.match(readFileSync(join(place, 'passwd'), 'utf8'), /^root:/)
  assert.equal(await done(['diff', 'files']), 'A /new\n')
  await done(['export', '-o', join(place, 'tar'), 'files'])
  assert.ok(readFileSync(join(place, 'tar')).includes('from outside'))
  await done(['export', '-o', join(place, 'tar'), 'box'])
  assert.ok(readFileSync(join(place, 'tar')).includes('etc/passwd'))
  await done(['commit', 'files', 'committed'])
  assert.equal(await output(['committed', 'cat', '/new']), 'from outside')
  await done(['rm', 'files'])
  await done(['rmi', 'committed'])
})

test('images are built on it and from it', async (t) => {
  const place = temporaryDirectory(t)
  const text = `FROM box AS first
WORKDIR /work/in
RUN --mount=from=box,source=/etc,target=/seen --mount=from=box,source=/etc/passwd,target=/file cmp /seen/passwd /file && cp /seen/passwd copy
FROM box
COPY --from=box --chown=root /etc/passwd /etc/group /copied/
COPY --from=first /work /work
RUN rm /etc/group && test ! -e /etc/group`
  writeFileSync(join(place, 'Gockerfile'), text)
  await done(['build', '--network', 'none', '-t', 'built', place])
  const script = 'cmp /work/in/copy /etc/passwd && ls /copied && test ! -e /etc/group && echo same'
  assert.equal(await output(['built', 'sh', '-c', script]), 'group\npasswd\nsame\n')
  const { images, directories } = formsIn(LAYERS)
  assert.equal(images.length, 1)
  assert.ok(directories.length > 1, 'what is built is a directory')
})

test('an image of many layers is loaded in either form, runs, and goes without a trace', async (t) => {
  const place = temporaryDirectory(t)
  const copies = Array.from({ length: 12 }, (_, index) => `COPY f /f${index}`)
  writeFileSync(join(place, 'f'), 'f')
  writeFileSync(join(place, 'Gockerfile'), ['FROM box', ...copies, 'RUN rm /f3'].join('\n'))
  await done(['build', '--network', 'none', '-t', 'many', place])
  const archive = join(place, 'many.tar')
  await done(['save', '-o', archive, 'many'])
  const expected = [
    ['erofs', 14],
    ['directory', 0],
    // Small ones are quicker unpacked than mounted.
    ['auto', canShareImages() ? 1 : 0],
  ] as const
  for (const [format, images] of expected) {
    const other = { root: join(place, format) }
    mkdirSync(other.root)
    succeeded(await gockerIn(['load', '--layer-format', format, '-i', archive], other))
    const layers = join(other.root, 'store', 'layers', 'sha256')
    const forms = formsIn(layers)
    assert.deepEqual([forms.images.length, forms.directories.length], [images, 14 - images])
    const words = ['run', '--rm', '--network', 'none', 'many', 'sh', '-c', 'cat /f0 /f11; ls -d /f* | wc -l']
    assert.equal(succeeded(await gockerIn(words, other)).stdout, 'ff11\n')
    succeeded(await gockerIn(['rmi', 'many'], other))
    assert.deepEqual(readdirSync(layers), [])
  }
})

test('containers of one image have one mount of it, and so one copy of its files in memory', { skip: !canShareImages() }, async () => {
  for (const name of ['first', 'second']) await done(['run', '-d', '--network', 'none', '--name', name, 'box', 'sleep', '1000'])
  await done(['rm', '-f', 'first'])
  await done(['run', '-d', '--network', 'none', '--name', 'third', 'box', 'sleep', '1000'])
  const ids = await Promise.all(['second', 'third'].map((name) => done(['inspect', '-f', '{{.State.Pid}}', name])))
  assert.equal(new Set(ids.map((pid) => monitorsDevice(Number(pid)))).size, 1)
  await done(['rm', '-f', 'second', 'third'])
})

test('the settings and the environment choose, a flag before them', async (t) => {
  const place = temporaryDirectory(t)
  const input = busyboxRootfs()
  const settings = join(place, 'gocker.toml')
  const infoOf = async (name: string, env: Environment) => succeeded(await gockerIn(['info'], { root: join(place, name), env })).stdout
  const formOf = async (name: string, words: readonly string[], env: Environment) => {
    const other = { root: join(place, name), env }
    mkdirSync(other.root, { recursive: true })
    succeeded(await gockerIn(['import', ...words, '-', 'box'], { ...other, input }))
    return readdirSync(join(other.root, 'store', 'layers', 'sha256')).some((file) => file.endsWith('.erofs')) ? 'erofs' : 'directory'
  }
  writeFileSync(settings, '[layers]\nformat = "auto"\n')
  assert.equal(await formOf('by-settings', [], { GOCKER_CONFIG: settings }), 'erofs')
  assert.equal(await formOf('by-environment', [], { GOCKER_CONFIG: settings, GOCKER_LAYER_FORMAT: 'directory' }), 'directory')
  assert.equal(await formOf('by-flag', ['--layer-format', 'directory'], { GOCKER_LAYER_FORMAT: 'erofs' }), 'directory')
  const unasked = { GOCKER_LAYER_FORMAT: undefined }
  assert.equal(await formOf('by-itself', [], unasked), canShareImages() ? 'erofs' : 'directory')
  const [found, told] = canShareImages() ? ['erofs', 'the kernel mounts files'] : ['directory', '6.15|loop devices|cannot be mounted']
  assert.match(await infoOf('by-itself', unasked), new RegExp(`^Layers: ${found} \\(.*(${told})`, 'm'))
  // As a machine has it that mounts no images.
  for (const [means, why] of [
    ['none', 'images cannot be mounted here'],
    ['loop', 'the kernel mounts no files without loop devices'],
  ] as const) {
    mkdirSync(join(place, means, 'run'), { recursive: true })
    writeFileSync(join(place, means, 'run', 'mounts-images'), means)
    assert.equal(await formOf(means, [], unasked), 'directory')
    assert.match(await infoOf(means, unasked), new RegExp(`^Layers: directory \\(${why}\\)$`, 'm'))
  }
  assert.match(await infoOf('by-itself', { GOCKER_LAYER_FORMAT: 'directory' }), /^Layers: directory \(GOCKER_LAYER_FORMAT says so\)$/m)
  const none = { root: join(place, 'none'), input, env: unasked }
  refused(await gockerIn(['import', '--layer-format', 'erofs', '-', 'box'], none), 125, /they cannot be mounted here/)
  const wrong = { root, input, env: { GOCKER_LAYER_FORMAT: 'zip' } }
  refused(await gockerIn(['import', '-', 'box'], wrong), 125, /GOCKER_LAYER_FORMAT.*zip/)
})
