import { readdirSync } from 'node:fs'
import { PullError } from '../../packages/pull/src/error.ts'
import { enterRoot } from '../../packages/pull/src/layers/enter-root.ts'
import { removeTree } from '../../packages/pull/src/layers/layer-files.ts'
import { LayerWriter } from '../../packages/pull/src/layers/layer-writer.ts'
import { TarReader } from '../../packages/pull/src/tar-reader/tar-reader.ts'
import { mutateTar } from '../engine/mutate-tar.ts'
import type { FuzzTarget } from '../engine/target.ts'
import { archives } from './archives.ts'

/** What archives make of a directory, as it is done for layers: nothing around it may change. */
export const unpack: FuzzTarget = {
  seeds: archives(),
  words: ['../', '/../..', 'passwd', 'inside', '.wh.', '.wh..wh..opq', 'd/link/', 'ustar\0'],
  mutate: mutateTar,
  prepare: enterRoot,
  read(bytes) {
    for (const name of readdirSync('/', { encoding: 'latin1' })) removeTree(`/${name}`)
    const writer = new LayerWriter({ hidesFiles: bytes.length % 1024 === 0, replacesKinds: bytes.length % 3 !== 0 })
    const reader = new TarReader(writer)
    reader.write(bytes)
    reader.close()
    writer.finish()
  },
  isRefusal: (error) => error instanceof PullError,
}
