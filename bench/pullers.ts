import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
  readonly missing: readonly string[]
  remove(): Promise<void>
}

export const REFERENCE = 'curl | tar'

export async function openPullers(directory: string): Promise<Pullers> {
  const podman = isInstalled('podman') ? podmanIn(join(directory, 'podman'), { runtime: 'runc', prefix: [] }) : undefined
  const { peer: docker, stop, why } = await startDocker(join(directory, 'docker'))
  const hasUmoci = isInstalled('skopeo') && isInstalled('umoci')
  return {
    of: (image) => [
      shell(image, directory),
      gocker(image, directory),
      ...(podman === undefined ? [] : [engine(podman, image)]),
      ...(docker === undefined ? [] : [{ ...engine(docker, image), engine: `dockerd --data-root ${directory}` }]),
      ...(hasUmoci && image.compression === 'gzip' ? [umoci(image, directory)] : []),
    ],
    missing: [
      ...(podman === undefined ? ['podman: not installed'] : []),
      ...(why === undefined ? [] : [`docker: ${why}`]),
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

/** Its layers are held to GNU tar's, which the reference has left. */
function gocker({ reference, layers, diffIDs }: BenchImage, directory: string): Worker {
  const root = join(directory, 'gocker')
  return {
    name: 'gocker',
    command: [NODE, GOCKER, 'pull', '--quiet', reference],
    environment: { GOCKER_ROOT: root, GOCKER_RUN: join(directory, 'gocker-run') },
    before: () => startEmpty(root),
    check() {
      for (const [index, { digest }] of layers.entries()) {
        const ours = describeTree(join(root, 'layers/sha256', digestHex(diffIDs[index] ?? digest)), WHITEOUTS.overlay)
        expectSameTree(`layer ${digest}`, ours, describeTree(join(treesOfTar(directory), digestHex(digest)), WHITEOUTS.tar))
      }
    },
  }
}

function engine(peer: Peer, { reference, diffIDs }: BenchImage): Worker {
  const isPodman = peer.name.startsWith('podman')
  return {
    name: `${peer.name} pull`,
    command: [...peer.command, 'pull', '--quiet', ...(isPodman ? ['--tls-verify=false'] : []), reference],
    ...(peer.environment !== undefined && { environment: peer.environment }),
    before() {
      if (call(peer, ['images', '--quiet']) !== '') call(peer, ['rmi', '--force', reference])
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
