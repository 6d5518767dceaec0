import { join } from 'node:path'
import { type Cleanup, temporaryDirectory } from '@gocker/testkit'
import { openStore, type Store } from '../index.ts'

/** A store of the test's own. */
export async function temporaryStore(t: Cleanup): Promise<Store> {
  const directory = temporaryDirectory(t)
  return await openStore({ root: join(directory, 'root'), run: join(directory, 'run') })
}
