import { stat } from 'node:fs/promises'
import { LogFile } from './log-file.ts'

/** In so many places behind the last file another one may stand: a rotation moves one after the other. */
const GAP = 2

/**
 * Opens a container's log files, oldest first: `log.2`, `log.1`, `log`. Those that a rotation moves meanwhile are found all the same, since they
 * are looked for in the direction in which they move.
 */
export async function openLogFiles(path: string): Promise<LogFile[]> {
  const files: LogFile[] = []
  for (let number = 0, missing = 0; missing <= GAP; number++) {
    const file = await LogFile.open(rotatedPath(path, number))
    missing = file === undefined ? missing + 1 : 0
    if (file === undefined) continue
    // Moved to here since it was opened under its former name.
    if (files.some(({ inode }) => inode === file.inode)) await file.close()
    else files.unshift(file)
  }
  return files
}

/** Those that have been begun after `last`, oldest first; all of them where there is no such file any more, none where it is the newest. */
export async function openLaterFiles(path: string, last: LogFile | undefined): Promise<LogFile[]> {
  if (last !== undefined && (await isAt(path, last))) return []
  const files = await openLogFiles(path)
  const later = files.splice(files.findIndex(({ inode }) => inode === last?.inode) + 1)
  await closeAll(files)
  return later
}

async function isAt(path: string, file: LogFile): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  return found?.ino === file.inode
}

export async function closeAll(files: readonly LogFile[]): Promise<void> {
  for (const file of files) await file.close()
}

/** `log`, `log.1`, `log.2`: the higher the older. */
function rotatedPath(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`
}
