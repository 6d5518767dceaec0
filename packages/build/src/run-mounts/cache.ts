import { digestHex, digestOf } from '@gocker/oci'
import type { Store } from '@gocker/store'
import type { LayerThreads } from '../layer-thread/layer-threads.ts'
import { type CacheDirectoryOptions, leaseCacheDirectory } from './cache-directory.ts'
import { copyInto } from './copy-into.ts'
import type { CacheMount } from './mount.ts'
import type { MountFiles } from './mount-files.ts'
import type { PlannedMount } from './planned.ts'

interface CachePlace {
  readonly destination: string
  readonly store: Store
  readonly threads: () => Promise<LayerThreads>
  readonly signal: AbortSignal
  /** What it begins with. */
  readonly files: MountFiles | undefined
}

/** A directory of the store, which is mounted, and so never in a layer. What it begins with is part of which one it is. */
export function planCache(mount: CacheMount, { destination, store, threads, signal, files }: CachePlace): PlannedMount {
  const { id, source, readOnly, sharing, mode = 0o755, uid = 0, gid = 0 } = mount
  const facts = files === undefined ? { mode, uid, gid } : { from: files.fingerprint }
  const key = digestHex(digestOf(JSON.stringify({ id, ...facts })))
  const options: CacheDirectoryOptions = {
    id,
    sharing,
    signal,
    fill: files === undefined ? { mode, uid, gid } : async (directory) => copyInto(directory, files, { threads: await threads(), signal }),
  }
  return {
    inputs: { ...mount, source, destination, ...facts },
    shared: key,
    async open(_, same) {
      const [taken] = same?.mounts ?? []
      if (taken?.type === 'bind') return { mounts: [{ ...taken, destination, readOnly }] }
      const { directory, release } = await leaseCacheDirectory(store.paths.cacheMount(key), options)
      const bind = { type: 'bind', recursive: false, propagation: 'rprivate', createSource: false } as const
      return { mounts: [{ ...bind, source: directory, destination, readOnly }], close: release }
    },
  }
}
