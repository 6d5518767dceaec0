import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { PullError, type PullErrorCode } from '../error.ts'
import { lastName, parentPath } from '../layers/entry-path.ts'
import { layerFile } from '../layers/layer-files.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'

// As the kernel's own. @see path_resolution(7)
const MOST_LINKS = 40

/** A path as the user wrote it, absolute, below the calling thread's root. */
export interface NamedPath {
  /** Without what stands at its end; the empty text for the root. */
  readonly path: ByteText
  /** With `/.`, or the root: what is in the directory is meant, not the directory. */
  readonly meansContent: boolean
  /** With a slash or `/.` at its end it cannot be a file. */
  readonly meansDirectory: boolean
  /** For messages. */
  readonly written: string
}

export function namedPath(written: ByteText): NamedPath {
  const path = written.replace(/(?:\/+\.?)+$/, '')
  const meansContent = path === '' || /\/\.\/*$/.test(written)
  return { path, meansContent, meansDirectory: meansContent || written.endsWith('/'), written: readable(written) }
}

/** What the path leads to; undefined where nothing is. */
export function statNamed({ path, written }: NamedPath): Stats | undefined {
  return found(written, () => statSync(layerFile(path), { throwIfNoEntry: false }))
}

/** What is there itself. */
export function lstatNamed({ path, written }: Pick<NamedPath, 'path' | 'written'>): Stats | undefined {
  return found(written, () => lstatSync(layerFile(path), { throwIfNoEntry: false }))
}

/** The same without a symlink in it; the empty text for the root. @throws {PullError} `NO_SUCH_FILE`, `NOT_A_DIRECTORY` */
export function realPath(path: ByteText, written: string): ByteText {
  const real = found(written, () => realpathSync.native(layerFile(path), 'buffer').toString('latin1'))
  return real === '/' ? '' : real
}

/** Where a file comes to be that is not there yet: a symlink that leads to nothing says where. */
export function followed({ path, written }: NamedPath): ByteText {
  let at = path
  for (let links = 0; links < MOST_LINKS; links++) {
    const parent = realPath(parentPath(at), written)
    const place = `${parent}/${lastName(at)}`
    if (lstatNamed({ path: place, written })?.isSymbolicLink() !== true) return place
    const target = readlinkSync(layerFile(place), { encoding: 'latin1' })
    at = target.startsWith('/') ? target : `${parent}/${target}`
  }
  throw new PullError('NO_SUCH_FILE', `${written}: a symlink that leads to itself`)
}

const CODES: Readonly<Record<string, readonly [code: PullErrorCode, why: string]>> = {
  ENOENT: ['NO_SUCH_FILE', 'no such file or directory'],
  ENOTDIR: ['NOT_A_DIRECTORY', 'what stands before the last slash is no directory'],
  ELOOP: ['NO_SUCH_FILE', 'a symlink that leads to itself'],
  ENAMETOOLONG: ['NO_SUCH_FILE', 'no path is so long'],
}

function found<Result>(written: string, look: () => Result): Result {
  try {
    return look()
  } catch (cause) {
    const known = CODES[(cause as NodeJS.ErrnoException).code ?? '']
    if (known === undefined) throw cause
    throw new PullError(known[0], `${written}: ${known[1]}`, { cause })
  }
}
