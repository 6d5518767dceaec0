import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openImage } from '@gocker/kernel'
import { digestHex } from '@gocker/oci'
import { call, type Peer, podmanIn, startDocker } from './peers.ts'
import type { BenchImage } from './pull-images.ts'
import { GOCKER, isInstalled, NODE } from './subjects.ts'
import { describeTree, expectSameTree, WHITEOUTS } from './trees.ts'
import type { Worker } from './usage.ts'

/** Who can bring an image into an empty store. */
export interface Pullers {
  /** The first is what the others are compared with. */
  of(image: BenchImage): Worker[]
  /** gocker alone: with the layers that it makes by itself, and with directories. */
  own(image: BenchImage): Worker[]
  readonly missing: readonly string[]
  remove(): Promise<void>
}

export const REFERENCE = 'curl, gzip, tar'
/** Its own choice, and directories alone. */
const LAYER_FORMATS = ['auto', 'directory'] as const

export async function openPullers(directory: string): Promise<Pullers> {
  const podman = isInstalled('podman') ? podmanIn(join(directory, 'podman'), { runtime: 'runc', prefix: [] }) : undefined
  const { peer: docker, stop, why } = await startDocker(join(directory, 'docker'))
  const hasUmoci = isInstalled('skopeo') && isInstalled('umoci')
  const own = (image: BenchImage) => LAYER_FORMATS.map((format) => gocker(image, format, directory))
  return {
    own,
    of: (image) => [
      shell(image, directory),
      ...own(image),
      ...(podman === undefined ? [] : [engine(podman, image)]),
      ...(docker === undefined || image.compression !== 'gzip'
        ? []
        : [{ ...engine(docker, image), engine: `dockerd --data-root ${directory}` }]),
      ...(hasUmoci && image.compression === 'gzip' ? [umoci(image, directory)] : []),
    ],
    missing: [
      ...(podman === undefined ? ['podman: not installed'] : []),
      why === undefined ? "docker: Debian's knows no zstd" : `docker: ${why}`,
      hasUmoci ? "skopeo + umoci: Debian's umoci knows no zstd" : 'skopeo + umoci: not installed',
    ],
    remove: stop,
  }
}

/** Layer after layer, each into a directory of its own. */
function shell({ url, compression, layers }: BenchImage, directory: string): Worker {
  const root = treesOfTar(directory)
  const inflate = compression === 'gzip' ? 'gzip -dc' : 'zstd -dc'
  const steps = layers.map(({ digest }) => {
    const layer = join(root, digestHex(digest))
    return `mkdir ${layer}; curl -sf ${url}/blobs/${digest} | ${inflate} | tar -x --numeric-owner -C ${layer}`
  })
  return {
    name: REFERENCE,
    command: ['bash', '-c', ['set -eo pipefail', ...steps].join('\n')],
    before() {
      startEmpty(root)
      mkdirSync(root)
    },
  }
}

function treesOfTar(directory: string): string {
  return join(directory, 'tar')
}

/** Its layers are held to GNU tar's, where the reference has left some. */
function gocker({ reference, layers, diffIDs }: BenchImage, format: (typeof LAYER_FORMATS)[number], directory: string): Worker {
  const root = join(directory, `gocker-${format}`)
  return {
    name: format === 'auto' ? 'gocker' : 'gocker, directories',
    command: [NODE, GOCKER, 'pull', '--quiet', '--layer-format', format, reference],
    environment: { GOCKER_ROOT: root, GOCKER_RUN: join(directory, 'gocker-run') },
    before: () => startEmpty(root),
    check() {
      for (const [index, { digest }] of layers.entries()) {
        const [ours, theirs] = [
          join(root, 'layers/sha256', digestHex(diffIDs[index] ?? digest)),
          join(treesOfTar(directory), digestHex(digest)),
        ]
        if (!existsSync(theirs)) continue
        const tree = existsSync(`${ours}.erofs`) ? describeImage(`${ours}.erofs`) : describeTree(ours, WHITEOUTS.overlay)
        expectSameTree(`layer ${digest}`, tree, describeTree(theirs, WHITEOUTS.tar))
      }
    },
  }
}

/** What is in a file that is a file system; mounted nowhere. */
function describeImage(image: string): string[] {
  const tree = openImage(image)
  try {
    return describeTree(`/proc/${process.pid}/fd/${tree}/.`, WHITEOUTS.overlay)
  } finally {
    closeSync(tree)
  }
}

function engine(peer: Peer, { reference, diffIDs }: BenchImage): Worker {
  const isPodman = peer.name.startsWith('podman')
  return {
    name: `${peer.name} pull`,
    command: [...peer.command, 'pull', '--quiet', ...(isPodman ? ['--tls-verify=false'] : []), reference],
    ...(peer.environment !== undefined && { environment: peer.environment }),
    before() {
      const images = new Set(call(peer, ['images', '--quiet', '--no-trunc']).split('\n').filter(Boolean))
      if (images.size > 0) call(peer, ['rmi', '--force', ...images])
      spawnSync('sync')
    },
    check() {
      const layers = call(peer, ['image', 'inspect', '--format', '{{json .RootFS.Layers}}', reference])
      if (layers !== JSON.stringify(diffIDs)) throw new Error(`${peer.name} has the layers ${layers}`)
    },
  }
}

function umoci({ reference, layers }: BenchImage, directory: string): Worker {
  const root = join(directory, 'umoci')
  const copy = `skopeo --insecure-policy copy --quiet --src-tls-verify=false docker://${reference} oci:${root}/image:latest`
  const unpack = `umoci unpack --image ${root}/image:latest ${root}/bundle`
  return {
    name: 'skopeo + umoci',
    command: ['sh', '-ec', `mkdir ${root}\n${copy}\n${unpack}`],
    before: () => startEmpty(root),
    check() {
      const blobs = readdirSync(join(root, 'image/blobs/sha256'))
      if (layers.some(({ digest }) => !blobs.includes(digestHex(digest)))) throw new Error('skopeo: a blob is missing')
      if (!existsSync(join(root, 'bundle/rootfs/usr/bin/dpkg'))) throw new Error('umoci: the image is not unpacked')
    },
  }
}

/** What was written before is on the disk by then, so that nobody waits for another's. */
function startEmpty(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
  spawnSync('sync')
}
