import { basename, dirname, join } from 'node:path'
import { doing } from './error.ts'
import { makeHeldFile } from './held.ts'
import { rename, rm } from './quick-files.ts'

/**
 * Writes a file so that its name shows the old bytes or the new ones, whole, whatever happens meanwhile: a held temporary sibling, fsync, rename.
 * The directory is not synced: after a power failure the old bytes may be back, never half of the new ones.
 * @param sync false for what need not outlive the machine: it survives the death of every process all the same
 * @throws {StoreError} `NO_SPACE`, `PERMISSION`, `READ_ONLY`, `IO`
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string, { sync = true }: { sync?: boolean } = {}): Promise<void> {
  await doing(`writing ${path}`, async () => {
    const temporary = await makeHeldFile((random) => join(dirname(path), `.${basename(path)}.${random}.tmp`))
    try {
      await temporary.handle.writeFile(bytes)
      if (sync) await temporary.handle.datasync()
      await rename(temporary.path, path)
    } catch (error) {
      await rm(temporary.path, { force: true })
      throw error
    } finally {
      await temporary.handle.close()
    }
  })
}

/** Whether `name` is that of a temporary sibling made by writeFileAtomic. */
export function isTemporarySibling(name: string): boolean {
  return /^\..+\.[0-9a-f]{16}\.tmp$/.test(name)
}
