import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { directoryTree } from '../context/directory-tree.ts'
import { resolveLinks } from '../context/select.ts'
import { BuildError } from '../error.ts'

export interface GockerfileSource {
  readonly path: string
  /** For messages: as short as it is clear. */
  readonly name: string
  readonly text: string
}

const NAMES = ['Gockerfile', 'Dockerfile']

/**
 * Reads the named file, else the first of `Gockerfile` and `Dockerfile` in the context.
 * @param file relative to the working directory
 * @throws {BuildError} `NO_GOCKERFILE`
 */
export function findGockerfile(context: string, file?: string): GockerfileSource {
  const candidates = file === undefined ? NAMES.map((name) => join(context, name)) : [file]
  for (const candidate of candidates) {
    const path = resolve(candidate)
    const text = textOf(path, candidate)
    if (text !== undefined) return { path, name: shortest(path), text }
  }
  throw notFound(file === undefined ? `neither ${NAMES.join(' nor ')} is in ${context}` : `${file} is not there`)
}

/**
 * The same of a context that comes from somebody else: the file is in it, and no symlink leads out.
 * @throws {BuildError} `NO_GOCKERFILE`
 */
export function findGockerfileWithin(directory: string, file?: string): GockerfileSource {
  const tree = directoryTree(directory)
  for (const name of file === undefined ? NAMES : [file]) {
    const real = resolveLinks(tree, name)
    if (real === undefined || tree.entry(real)?.type !== 'file') continue
    return { path: join(directory, name), name, text: readFileSync(join(directory, real), 'utf8') }
  }
  throw notFound(`${file === undefined ? `neither ${NAMES.join(' nor ')} is` : `no ${file} is`} in the context`)
}

function textOf(path: string, shown: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new BuildError('NO_GOCKERFILE', `reading ${shown}: ${code}`, { cause })
  }
}

function notFound(why: string): BuildError {
  return new BuildError('NO_GOCKERFILE', `reading the Gockerfile: ${why}`, { hint: 'name it with -f FILE' })
}

function shortest(path: string): string {
  const below = relative('.', path)
  return below.startsWith('..') ? path : below
}
