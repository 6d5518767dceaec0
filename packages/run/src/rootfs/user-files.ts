import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import type { UserFiles } from '../spec/user.ts'
import type { LayerView } from './layer-view.ts'

/** What a file of users may be, at most: an image's could be as large as it likes. */
const LARGEST = 16 * 1024 * 1024

/** `/etc/passwd` and `/etc/group` of the container. */
export function readUserFiles(view: LayerView): UserFiles {
  return { passwd: readText(view, '/etc/passwd'), group: readText(view, '/etc/group') }
}

/** Empty where there is no such file, or none that can be read. */
function readText(view: LayerView, path: string): string {
  const entry = view.find(path)
  if (entry?.kind !== 'other' || !entry.stats.isFile() || entry.stats.size > LARGEST) return ''
  const file = openSync(entry.place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
