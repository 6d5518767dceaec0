import { spawn } from 'node:child_process'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Compression } from '@gocker/oci'
import { unpackLayer } from '@gocker/pull'

/** How an archive is packed: as a layer can be, or by a program that has to be on the PATH. */
type Packing = Compression | 'xz' | 'bzip2'

const MAGIC: readonly (readonly [packing: Packing, magic: RegExp])[] = [
  ['gzip', /^1f8b/],
  ['zstd', /^28b52ffd/],
  ['xz', /^fd377a585a00/],
  ['bzip2', /^425a68/],
]
const HEADER = 512
const CHECKSUM = { start: 148, end: 156 }

/**
 * Tells a tar archive by what is in it, whatever its name is.
 * @param path without symlinks
 * @returns how it is packed; `undefined` for every other file
 */
export async function archivePacking(path: string): Promise<Packing | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) return undefined
    const start = await firstBytes(handle)
    const packing = MAGIC.find(([, magic]) => magic.test(start.toString('hex', 0, 6)))?.[0] ?? 'none'
    const header = packing === 'none' ? start : await firstUnpacked(path, packing)
    return isTarHeader(header) ? packing : undefined
  } finally {
    await handle.close()
  }
}

/**
 * Unpacks an archive into an empty directory.
 * @throws {PullError} `BAD_ARCHIVE`, ...; {Error} when the program that it needs is not there
 */
export async function unpackArchive(
  path: string,
  { packing, directory, signal }: { packing: Packing; directory: string; signal: AbortSignal },
) {
  const compression = packing === 'xz' || packing === 'bzip2' ? 'none' : packing
  const source = compression === packing ? createReadStream(path) : unpackedBy(packing, path)
  await unpackLayer({ source, compression, directory, kind: 'plain', signal })
}

async function firstBytes(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER), 0, HEADER, 0)
  return buffer.subarray(0, bytesRead)
}

/** What is damaged, or no archive, is a file like others. */
async function firstUnpacked(path: string, packing: Exclude<Packing, 'none'>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of unpackedBy(packing, path)) {
      chunks.push(chunk as Buffer)
      length += (chunk as Buffer).length
      if (length >= HEADER) break
    }
  } catch (error) {
    if (error instanceof MissingProgram) throw error
  }
  return Buffer.concat(chunks).subarray(0, HEADER)
}

function unpackedBy(packing: Packing, path: string): Readable {
  const file = createReadStream(path)
  if (packing === 'none') return file
  if (packing === 'xz' || packing === 'bzip2') {
    file.destroy()
    return Readable.from(outputOf(packing, path))
  }
  const engine = packing === 'gzip' ? createGunzip() : createZstdDecompress()
  file.on('error', (error) => engine.destroy(error))
  engine.on('close', () => file.destroy())
  return file.pipe(engine)
}

class MissingProgram extends Error {}

async function* outputOf(program: string, path: string): AsyncGenerator<Buffer> {
  const child = spawn(program, ['-dc', '--', path], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '' } })
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-1000)
  })
  const ended = new Promise<Error | undefined>((resolve) => {
    child.on('error', () =>
      resolve(new MissingProgram(`the archive is packed by ${program}, and there is no program ${program} on the PATH`)),
    )
    child.on('close', (code) => resolve(code === 0 ? undefined : new Error(`${program} ends with ${code}: ${told.trim()}`)))
  })
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer
    const failure = await ended
    if (failure !== undefined) throw failure
  } finally {
    child.kill()
  }
}

/** Its bytes add up to the number in it, which is left out of the sum as blanks. */
function isTarHeader(header: Buffer): boolean {
  if (header.length < HEADER || header.every((byte) => byte === 0)) return false
  const written = Number.parseInt(header.toString('latin1', CHECKSUM.start, CHECKSUM.end).replace(/[\0 ]/g, ''), 8)
  const sum = header.reduce((sum, byte, index) => sum + (index >= CHECKSUM.start && index < CHECKSUM.end ? 0x20 : byte), 0)
  return written === sum
}
