import { writeFileSync } from 'node:fs'
import type { Store } from '@gocker/store'

/** Written down before anything is done, and without holding the container: who cleans up after its end is to know. */
export function requestStop(store: Store, id: string): void {
  try {
    writeFileSync(store.paths.stopRequest(id), '')
  } catch (error) {
    // It has no directory there: nothing of it has run since the machine's boot.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
