import { type FileHandle, open } from 'node:fs/promises'
import { getSystemErrorMap } from 'node:util'

/**
 * Opens a file that the user has named.
 * @throws {Error} which names the file and says why in words
 */
export async function opened(path: string, flags: 'r' | 'w'): Promise<FileHandle> {
  const doing = `${flags === 'r' ? 'reading' : 'writing'} ${path}`
  const file = await open(path, flags).catch((cause: NodeJS.ErrnoException) => {
    const [, why = cause.message] = getSystemErrorMap().get(cause.errno ?? 0) ?? []
    throw new Error(`${doing}: ${why}`, { cause })
  })
  if (!(await file.stat()).isDirectory()) return file
  await file.close()
  throw new Error(`${doing}: it is a directory`)
}
