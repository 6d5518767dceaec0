import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chown, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectories, openLocked } from '@gocker/store'
import { authFilePaths } from '../credentials/auth-file.ts'
import { PullError } from '../error.ts'

/** A credentials file as it is, with what others have written into it. */
export interface AuthDocument {
  readonly [key: string]: unknown
  readonly auths?: Readonly<Record<string, unknown>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/** Where a login is kept: the most explicit of the places that are read. */
export function loginFile(environment: NodeJS.ProcessEnv): string {
  const [path = ''] = authFilePaths(environment)
  return path
}

/**
 * Puts what `change` makes of a file in its place, whole, and readable by its owner alone; a link stays a link. Of several at once, each
 * changes what the one before it wrote.
 * @throws {PullError} `BAD_CREDENTIALS`
 */
export async function changeAuthDocument(path: string, change: (document: AuthDocument) => AuthDocument): Promise<void> {
  try {
    const target = await realpath(path).catch(ifMissing(path))
    if ((await stat(target).catch(ifMissing(undefined)))?.isFile() === false)
      throw new PullError('BAD_CREDENTIALS', `writing credentials to ${path}: it is no regular file`)
    await holding(dirname(target), async () => {
      const before = await readFile(target, 'utf8').catch(ifMissing('{}'))
      const after = JSON.stringify(change(parse(before, path)), undefined, '\t')
      await replaceFile(target, `${after}\n`)
    })
  } catch (cause) {
    if (cause instanceof PullError) throw cause
    throw new PullError('BAD_CREDENTIALS', `writing credentials to ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

/** The lock is the directory's: the file itself is replaced, and no other has to be left beside it. */
async function holding(directory: string, work: () => Promise<void>): Promise<void> {
  makeDirectories(directory, 0o700)
  const lock = await openLocked(directory, { flags: constants.O_RDONLY | constants.O_DIRECTORY })
  try {
    await work()
  } finally {
    await lock.close()
  }
}

/** The error of a parser may quote the text, which holds passwords: it is not made the cause. */
function parse(text: string, path: string): AuthDocument {
  let document: unknown
  try {
    document = JSON.parse(text.trim() === '' ? '{}' : text)
  } catch {
    // What is no JSON is told below.
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as AuthDocument
  throw new PullError('BAD_CREDENTIALS', `reading credentials of ${path}: not a JSON object`, { hint: 'mend the file or move it away' })
}

async function replaceFile(path: string, text: string): Promise<void> {
  const owner = await stat(path).catch(ifMissing(undefined))
  const temporary = `${path}.${randomBytes(8).toString('hex')}`
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true })
    if (owner !== undefined && owner.uid !== process.getuid?.()) await chown(temporary, owner.uid, owner.gid)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value
    throw error
  }
}
