import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Compression, Descriptor, Digest } from '@gocker/oci'
import { buildTar, debianRootfs, imageLayout, pushLayout, type Registry, type TarEntry } from '@gocker/testkit'

export interface BenchImage {
  readonly title: string
  readonly compression: Compression
  /** `127.0.0.1:PORT/name:tag`. */
  readonly reference: string
  /** The registry's own, `http://127.0.0.1:PORT/v2/name`. */
  readonly url: string
  readonly layers: readonly Descriptor[]
  readonly diffIDs: readonly Digest[]
}

interface Kind {
  readonly name: string
  readonly layers: readonly Uint8Array[]
}

/** A Debian of one layer, and a program with what it depends on: six layers, 16,000 files. Each with gzip and with zstd. */
export async function pushImages(registry: Registry, directory: string): Promise<BenchImage[]> {
  const debian = readFileSync(await debianRootfs({ variant: 'plain' }))
  const kinds: readonly Kind[] = [
    { name: 'debian', layers: [debian] },
    { name: 'layered', layers: [debian, ...layersAbove(debian)] },
  ]
  const images: BenchImage[] = []
  for (const kind of kinds)
    for (const compression of ['gzip', 'zstd'] as const) images.push(await pushImage(kind, compression, { registry, directory }))
  return images
}

/** One layer of a GiB. */
export async function pushLarge(registry: Registry, directory: string): Promise<BenchImage> {
  const piece = readFileSync(await debianRootfs({ variant: 'plain' })).subarray(0, 32 << 20)
  const layer = buildTar(Array.from({ length: 32 }, (_, index) => ({ name: `large-${index}`, content: piece })))
  return await pushImage({ name: 'a layer of 1 GiB', layers: [layer] }, 'zstd', { registry, directory })
}

async function pushImage(
  { name, layers }: Kind,
  compression: Compression,
  { registry, directory }: { registry: Registry; directory: string },
): Promise<BenchImage> {
  const title = `${name}, ${compression}`
  const repository = `bench/${title.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`
  const layout = imageLayout(join(directory, repository), { layers, compression, config: { Cmd: ['true'] } })
  await pushLayout(layout, `${registry.url}/${repository}:latest`)
  const [image] = layout.images
  return {
    title,
    compression,
    reference: `${registry.host}/${repository}:latest`,
    url: `${registry.url}/v2/${repository}`,
    layers: image?.layers ?? [],
    diffIDs: image?.diffIds ?? [],
  }
}

/** Of a program's dependencies: many small files, some large ones, links, other owners, and a few that are hidden again. */
function layersAbove(debian: Buffer): Buffer[] {
  const content = new Content(debian)
  return [
    buildTar(tree('srv/app/node_modules', { packages: 300, files: 26, typical: 1500 }, content)),
    buildTar(tree('usr/lib/python3/packages', { packages: 120, files: 34, typical: 5000 }, content)),
    buildTar(tree('usr/share/things', { packages: 100, files: 20, typical: 900 }, content)),
    buildTar([
      ...directories('usr/lib/large'),
      ...Array.from({ length: 24 }, (_, index) => ({ name: `usr/lib/large/lib${index}.so`, mode: 0o755, content: content.next(2 << 20) })),
    ]),
    buildTar([
      ...tree('srv/app/src', { packages: 20, files: 30, typical: 4000 }, content),
      { name: 'srv/app/node_modules/' },
      { name: 'srv/app/node_modules/.wh.package-7' },
      ...directories('usr/share/things/package-1'),
      { name: 'usr/share/things/package-1/.wh..wh..opq' },
    ]),
  ]
}

function tree(
  root: string,
  { packages, files, typical }: { packages: number; files: number; typical: number },
  content: Content,
): TarEntry[] {
  const below = Array.from({ length: packages }, (_, index) => packageOf(`${root}/package-${index}`, { index, files, typical }, content))
  return [...directories(root), ...below.flat()]
}

/** A directory and those above it. */
function directories(path: string): TarEntry[] {
  return path.split('/').map((_, depth, parts) => ({ name: `${parts.slice(0, depth + 1).join('/')}/` }))
}

function packageOf(
  path: string,
  { index, files, typical }: { index: number; files: number; typical: number },
  content: Content,
): TarEntry[] {
  const owner = index % 10 === 0 ? { uid: 1000, gid: 1000 } : {}
  const filesIn = (below: string, count: number): TarEntry[] =>
    Array.from({ length: count }, (_, file) => ({
      name: `${below}/file-${file}.js`,
      mode: file % 9 === 0 ? 0o755 : 0o644,
      mtime: 1_600_000_000 + index * 1000 + file,
      content: content.next(typical),
      ...owner,
    }))
  return [
    { name: `${path}/`, ...owner },
    ...filesIn(path, Math.floor(files / 3)),
    { name: `${path}/main.js`, type: 'symlink', link: 'file-0.js', ...owner },
    ...(index % 4 === 0 ? [{ name: `${path}/copy.js`, type: 'hardlink', link: `${path}/file-0.js` }] : []),
    { name: `${path}/lib/`, ...owner },
    ...filesIn(`${path}/lib`, Math.ceil((files * 2) / 3)),
  ]
}

/** Pieces of real files, always the same ones: text and programs as they compress in earnest. */
class Content {
  readonly #bytes: Buffer
  #state = 0x2545f491

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** @param typical bytes; most pieces are smaller, a few many times as large */
  next(typical: number): Buffer {
    const size = Math.max(1, Math.floor(typical * 0.35 * Math.exp(2.2 * (this.#random() + this.#random() - 0.6))))
    const start = Math.floor(this.#random() * (this.#bytes.length - size))
    return this.#bytes.subarray(start, start + size)
  }

  #random(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }
}
