import { readFileSync } from 'node:fs'
import { type ContainerConfig, digestOf } from '@gocker/oci'
import { type ImageInput, type ImageLayout, imageLayout } from '../image/layout.ts'
import { pushWithSkopeo } from '../image/skopeo.ts'
import { buildTar } from '../tar/build-tar.ts'
import { makeTemporaryDirectory, removeTree } from '../temporary-directory.ts'
import { busyboxRootfs } from './busybox.ts'
import { cachePath, madeOnce } from './cache.ts'
import { type DebianVariant, debianRootfs } from './debian.ts'

const DEBIAN_CONFIG: ContainerConfig = {
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Cmd: ['bash'],
}

/**
 * Pushes a Debian of one layer as `debian:latest`.
 * @param registryHost `127.0.0.1:PORT`
 * @returns its name: `127.0.0.1:PORT/debian:latest`
 */
export async function debianImage(registryHost: string, options: PushOptions & { readonly variant?: DebianVariant } = {}): Promise<string> {
  const rootfs = await debianRootfs(options)
  const layout = await cachedLayout('debian-image', [rootfs, DEBIAN_CONFIG], () => ({
    layers: [readFileSync(rootfs)],
    config: DEBIAN_CONFIG,
  }))
  return push(layout, `${registryHost}/debian:latest`, options)
}

/**
 * Pushes a Debian of four layers as `debian-layered:latest`: above the whole Debian one that adds, one that hides, one that adds again.
 * What they hold is in `DEBIAN_LAYERS`.
 */
export async function debianLayered(registryHost: string, options: PushOptions = {}): Promise<string> {
  const rootfs = await debianRootfs()
  const layout = await cachedLayout('debian-layered', [rootfs, DEBIAN_CONFIG, DEBIAN_LAYERS.map(digestOf)], () => ({
    layers: [readFileSync(rootfs), ...DEBIAN_LAYERS],
    config: { ...DEBIAN_CONFIG, WorkingDir: '/srv', Labels: { layers: '4' } },
  }))
  return push(layout, `${registryHost}/debian-layered:latest`, options)
}

/** Pushes `busyboxRootfs()` as `busybox:latest`, a matter of milliseconds. */
export async function busyboxImage(
  registryHost: string,
  options: PushOptions & { readonly config?: ContainerConfig } = {},
): Promise<string> {
  const directory = makeTemporaryDirectory()
  try {
    const layout = imageLayout(directory, { layers: [busyboxRootfs()], config: options.config ?? { Env: ['PATH=/bin'], Cmd: ['sh'] } })
    return await push(layout, `${registryHost}/busybox:latest`, options)
  } finally {
    removeTree(directory)
  }
}

export interface PushOptions {
  /** `name:password`. */
  readonly creds?: string
}

/** vfs_cap_data of revision 2: cap_net_raw, permitted and effective. */
const NET_RAW = Buffer.from('0100000200200000000000000000000000000000', 'hex')

/** The layers of `debianLayered` above Debian's own. */
export const DEBIAN_LAYERS: readonly Buffer[] = [
  buildTar([
    { name: 'srv/' },
    { name: 'srv/hidden', content: 'the next layer takes this away\n' },
    { name: 'srv/kept', content: 'this stays\n', uid: 1000, gid: 1001, mode: 0o640, mtime: 1_500_000_000 },
    { name: 'srv/kept-too', type: 'hardlink', link: 'srv/kept' },
    { name: 'srv/closed/', mode: 0o700 },
    { name: 'srv/closed/below', content: 'an opaque directory hides this\n' },
    { name: 'srv/setuid', content: '#!/bin/sh\nid\n', mode: 0o4755 },
    { name: 'srv/capable', content: 'not a program\n', mode: 0o755, xattrs: { 'security.capability': NET_RAW } },
    { name: 'srv/sticky/', mode: 0o3777 },
  ]),
  buildTar([
    { name: 'srv/.wh.hidden' },
    { name: 'srv/closed/', mode: 0o755 },
    { name: 'srv/closed/.wh..wh..opq' },
    { name: 'srv/closed/new', content: 'only this is seen\n' },
    { name: 'etc/.wh.debian_version' },
  ]),
  buildTar([
    { name: 'srv/hidden', type: 'symlink', link: 'kept' },
    { name: 'srv/null', type: 'character', device: { major: 1, minor: 3 }, mode: 0o666 },
    { name: 'srv/pipe', type: 'fifo', mode: 0o600 },
  ]),
]

async function cachedLayout(name: string, recipe: unknown, image: () => ImageInput): Promise<string> {
  const directory = await madeOnce(cachePath(name, recipe), (temporary) => void imageLayout(temporary, image()))
  return `${directory}:latest`
}

async function push(layout: ImageLayout | string, name: string, options: PushOptions): Promise<string> {
  await pushWithSkopeo(layout, name, options)
  return name
}
