import type { OpenFile } from './quick-files.ts'

/** The directories of the containers that this process has made and not started yet; open and locked, which tells prune so. */
const claims = new Map<string, OpenFile>()

export function keepClaim(dir: string, handle: OpenFile): void {
  claims.set(dir, handle)
}

/** Does nothing for a container that is not claimed here. */
export async function releaseClaim(dir: string): Promise<void> {
  await takeClaim(dir)?.close()
}

/** The claim that this process has, to hold on to it in another way. */
export function takeClaim(dir: string): OpenFile | undefined {
  const handle = claims.get(dir)
  claims.delete(dir)
  return handle
}
