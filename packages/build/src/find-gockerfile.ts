import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { BuildError } from './error.ts'

export interface GockerfileSource {
  readonly path: string
  /** For messages: as short as it is clear. */
  readonly name: string
  readonly text: string
}

const NAMES = ['Gockerfile', 'Dockerfile']

/**
 * Reads the named file, else the first of `Gockerfile` and `Dockerfile` in the context.
 * @throws {BuildError} `NO_GOCKERFILE`
 */
export async function findGockerfile(context: string, file?: string): Promise<GockerfileSource> {
  const candidates = file === undefined ? NAMES.map((name) => join(context, name)) : [file]
  for (const candidate of candidates) {
    const path = resolve(candidate)
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw new BuildError('NO_GOCKERFILE', `reading ${candidate}: ${error.code}`, { cause: error })
    })
    if (text !== undefined) return { path, name: shortest(path), text }
  }
  const sought = file === undefined ? `neither ${NAMES.join(' nor ')} is in ${context}` : `${file} is not there`
  throw new BuildError('NO_GOCKERFILE', `reading the Gockerfile: ${sought}`, { hint: 'name it with -f FILE' })
}

function shortest(path: string): string {
  const below = relative('.', path)
  return below.startsWith('..') ? path : below
}
