import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contestant, measure } from './measure.ts'
import { nothing, type Peer, peersWithDebian, removeMounted } from './peers.ts'
import { type Report, timeTable } from './report.ts'
import { GOCKER, isInstalled, NODE } from './subjects.ts'

const DIRECTORIES = 50
const FILES = 2000

/** Six steps: as most builds, the dependencies' file first and the sources later. */
const GOCKERFILE = `FROM debian
WORKDIR /app
COPY dependencies ./
RUN sort dependencies > installed
COPY src src/
RUN find src -type f | wc -l > count
CMD ["cat", "/app/count"]
`

/** A context of 2,000 files, built with nothing cached, with everything cached and with one file changed; beside buildah and docker. */
export async function build(runs: number): Promise<Report> {
  const { peers, missing, remove } = await peersWithDebian()
  const environment = peers[0]?.environment ?? {}
  const engine = peers.find(({ name }) => name === 'docker')
  const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-build-'))
  try {
    const context = makeContext(directory)
    const builders = [
      gocker(context, environment),
      ...(isInstalled('buildah') ? [buildah(context, directory, environment)] : []),
      ...(engine === undefined ? [] : [docker(context, engine)]),
    ]
    const tables = [
      timeTable(
        'build, nothing cached',
        measure([nothing, ...builders.map(({ uncached }) => uncached)], { runs }),
        'gocker build --no-cache',
      ),
      timeTable('build, all cached', measure([nothing, ...builders.map(({ cached }) => cached)], { runs }), 'gocker build'),
      timeTable('build, one file changed', measure(builders.map(changing(context)), { runs }), 'gocker build'),
    ]
    return { tables, missing: [...missing, ...(isInstalled('buildah') ? [] : ['buildah: not installed'])] }
  } finally {
    removeMounted(directory)
    await remove()
  }
}

/** Each build finds another content in one of the 2,000 files. */
function changing(context: string): (builder: Builder) => Contestant {
  let count = 0
  const change = () => writeFileSync(join(context, 'src/directory-7/file-7.txt'), `changed ${count++}\n`)
  return ({ cached }) => ({ ...cached, before: change })
}

interface Builder {
  readonly uncached: Contestant
  readonly cached: Contestant
}

/** On the machine's network, as the others are. */
function gocker(context: string, environment: Readonly<Record<string, string>>): Builder {
  const command = [NODE, GOCKER, 'build', '--quiet', '--network', 'host', '--tag', 'bench']
  const check = () => expectCount(output([NODE, GOCKER, 'run', '--rm', '--network', 'none', 'bench'], environment))
  return {
    uncached: { name: 'gocker build --no-cache', command: [...command, '--no-cache', context], environment, check },
    cached: { name: 'gocker build', command: [...command, context], environment, check },
  }
}

/** Its quickest: native overlays, and chroot for isolation. */
function buildah(context: string, directory: string, { GOCKER_ROOT }: Readonly<Record<string, string>>): Builder {
  const [root, run, settings] = ['storage', 'run', 'storage.conf'].map((name) => join(directory, name)) as [string, string, string]
  writeFileSync(settings, '[storage]\ndriver = "overlay"\n')
  const environment = { CONTAINERS_STORAGE_CONF: settings }
  const buildah = ['buildah', '--root', root, '--runroot', run, '--storage-driver', 'overlay']
  const base = `containers-storage:[overlay@${root}+${run}]docker.io/library/debian:latest`
  const image = `oci:${GOCKER_ROOT}:docker.io/library/debian:latest`
  output(['skopeo', '--insecure-policy', 'copy', '--quiet', image, base], environment)
  const command = [...buildah, 'bud', '--quiet', '--isolation', 'chroot', '--network', 'host', '--pull=false', '--tag', 'bench']
  const check = () => {
    const container = output([...buildah, 'from', '--pull-never', 'localhost/bench'], environment).trim()
    expectCount(readFileSync(join(output([...buildah, 'mount', container], environment).trim(), 'app/count'), 'utf8'))
    output([...buildah, 'rm', container], environment)
  }
  const before = () => void output([...buildah, 'rmi', '--prune'], environment)
  const file = ['--file', join(context, 'Gockerfile'), context]
  return {
    uncached: { name: 'buildah bud', command: [...command, ...file], environment, before, check },
    cached: { name: 'buildah bud --layers', command: [...command, '--layers', ...file], environment, check },
  }
}

/** The builder that is in the engine. */
function docker(context: string, { command: engine }: Peer): Builder {
  const environment = { DOCKER_BUILDKIT: '0' }
  const command = [...engine, 'build', '--quiet', '--network', 'host', '--tag', 'bench', '--file', join(context, 'Gockerfile')]
  const check = () => expectCount(output([...engine, 'run', '--rm', '--network', 'none', 'bench'], environment))
  return {
    uncached: { name: 'docker build --no-cache', command: [...command, '--no-cache', context], environment, check },
    cached: { name: 'docker build', command: [...command, context], environment, check },
  }
}

function makeContext(directory: string): string {
  const context = join(directory, 'context')
  for (let index = 0; index < FILES; index++) {
    const below = join(context, 'src', `directory-${index % DIRECTORIES}`)
    mkdirSync(below, { recursive: true })
    writeFileSync(join(below, `file-${index}.txt`), `file ${index}\n`.repeat(1 + (index % 200)))
  }
  writeFileSync(join(context, 'dependencies'), 'one\ntwo\nthree\n')
  writeFileSync(join(context, 'Gockerfile'), GOCKERFILE)
  return context
}

function expectCount(said: string): void {
  if (said !== `${FILES}\n`) throw new Error(`the image says ${JSON.stringify(said)}, not ${FILES}`)
}

function output([program = '', ...words]: readonly string[], environment: Readonly<Record<string, string>>): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, ...environment } })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ended with ${status}: ${stderr}`)
  return stdout
}
