import { constants } from 'node:fs'
import type { Digest } from '@gocker/oci'
import { writeFileAtomic } from './atomic-file.ts'
import { type Blobs, openBlobs } from './blobs.ts'
import { type Containers, openContainers } from './containers.ts'
import { doing, StoreError, unless } from './error.ts'
import { type Images, openImages } from './images.ts'
import { makeIndex } from './index-file.ts'
import { type Indexes, openIndexes } from './indexes.ts'
import { keepingContent } from './keeping.ts'
import { type Layers, openLayers } from './layers.ts'
import { storeLocations } from './locations.ts'
import { type Networks, openNetworks } from './networks.ts'
import { type StorePaths, storePaths } from './paths.ts'
import type { PruneOptions, PruneReport } from './prune.ts'
import { access, mkdir, readFile } from './quick-files.ts'
import { openVolumes, type Volumes } from './volumes.ts'

export interface StoreOptions {
  /** Default: `$GOCKER_ROOT`, else `/var/lib/gocker` for root and `$XDG_DATA_HOME/gocker` for others. */
  readonly root?: string
  /** Default: `$GOCKER_RUN`, else `/run/gocker` for root and `$XDG_RUNTIME_DIR/gocker` for others. */
  readonly run?: string
}

/**
 * A directory of plain files that any number of processes use at once. What is promised of it:
 * - whatever process is killed at whatever moment, nothing half done can be seen, and prune finds what is left;
 * - after a power failure `index.json`, blobs and containers' records are as they were before or after a change, never torn: their bytes are
 *   synced before they get their names (large blobs while they are being written, so that the end has little to wait for). Directories are not
 *   synced, so the last changes may be lost. Unpacked layers are not synced at all: they are many files, and can be made again from their blobs;
 * - other tools may read it as an OCI layout at any time. Those that write to it do so without the locks: not while gocker is at work.
 */
export interface Store {
  readonly paths: StorePaths
  readonly blobs: Blobs
  readonly images: Images
  readonly indexes: Indexes
  readonly layers: Layers
  readonly containers: Containers
  readonly networks: Networks
  readonly volumes: Volumes
  /**
   * Runs `work` while no prune and no image removal, of any process, takes blobs or layers away. Whoever brings blobs and layers
   * and names them only at the end (a pull, a build, an import) works inside: what it found or put is still there when it tags the image.
   */
  keeping<T>(work: () => Promise<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>
  /** Takes away those of these blobs that nothing refers to: at once, or not at all where somebody is inside `keeping`. */
  discard(blobs: readonly Digest[]): Promise<void>
  /** Removes what a killed gocker left and what nothing refers to; never what a live process holds. */
  prune(options?: PruneOptions): Promise<PruneReport>
}

/**
 * Opens the store, making it when it is not there. Costs three system calls when it is.
 * @throws {StoreError} `PERMISSION`, `READ_ONLY`, `NO_SPACE`; `CORRUPT` when the directory is an OCI layout of another version
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const paths = storePaths(storeLocations(options))
  await doing(`opening the store ${paths.root}`, () => prepare(paths))
  const blobs = openBlobs(paths)
  return {
    paths,
    blobs,
    images: openImages(paths, blobs),
    indexes: openIndexes(paths, blobs),
    layers: openLayers(paths),
    containers: openContainers(paths),
    networks: openNetworks(paths),
    volumes: openVolumes(paths),
    keeping: (work, options = {}) => keepingContent(paths, work, options),
    async discard(digests) {
      const { discard } = await import('./discard.ts')
      await discard({ paths, blobs }, digests)
    },
    async prune(options = {}) {
      const { prune } = await import('./prune.ts')
      return await prune({ paths, blobs }, options)
    },
  }
}

async function prepare(paths: StorePaths): Promise<void> {
  // Others may pass through the root, not read it: they are told so here, not when they come to a blob.
  await access(paths.root, constants.R_OK).catch(unless('ENOENT'))
  const layout = await readFile(paths.ociLayout, 'utf8').catch(unless('ENOENT'))
  if (layout === undefined) await makeStore(paths)
  else checkLayout(paths, layout)
  // Not part of making the store: a reboot takes it away.
  await mkdir(paths.run, { recursive: true, mode: 0o711 })
}

/** Everybody may pass through the root, for the sake of user namespaces; nobody else may look into what is inside: images have setuid programs. */
async function makeStore(paths: StorePaths): Promise<void> {
  await mkdir(paths.root, { recursive: true, mode: 0o711 })
  await makeIndex(paths)
  for (const dir of [paths.blobs, paths.layers, paths.containers, paths.volumes]) await mkdir(dir, { recursive: true, mode: 0o700 })
  // Last: it says that the rest is there.
  await writeFileAtomic(paths.ociLayout, JSON.stringify(LAYOUT))
}

/** @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md#oci-layout-file */
const LAYOUT = { imageLayoutVersion: '1.0.0' }

function checkLayout(paths: StorePaths, text: string): void {
  if (text.includes(`"${LAYOUT.imageLayoutVersion}"`)) return
  throw new StoreError(
    'CORRUPT',
    `opening the store ${paths.root}: its oci-layout says ${text.slice(0, 80)}, expected version ${LAYOUT.imageLayoutVersion}`,
  )
}
