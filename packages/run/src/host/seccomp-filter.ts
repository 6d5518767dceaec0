import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hostArchitecture } from '@gocker/kernel'
import type { RuntimeSeccomp } from '@gocker/oci'

/** Names the compiler that made a kept filter; the bundle's build sets it, and from source nothing is kept. */
const COMPILER = process.env.GOCKER_BUILD
const WRITABLE_BY_OTHERS = 0o022

/**
 * A profile as the kernel's filter. Most containers have the same one, so the last is kept in the run directory, behind
 * the profile that it was made of and a sum of itself: not a digest, since loading node:crypto takes longer than compiling.
 * @throws {KernelError} for a profile that cannot be compiled
 */
export async function seccompFilter(profile: RuntimeSeccomp, run: string): Promise<Uint8Array> {
  if (COMPILER === undefined) return await compiled(profile)
  const file = join(run, `seccomp-${COMPILER}`, 'filter')
  const key = JSON.stringify(profile)
  const kept = contentOf(file)
  if (kept !== undefined) {
    const filter = kept.subarray(Buffer.byteLength(head(key, Buffer.of())))
    if (kept.subarray(0, -filter.length || kept.length).equals(Buffer.from(head(key, filter)))) return filter
  }
  const filter = await compiled(profile)
  keep(file, Buffer.concat([Buffer.from(head(key, filter)), filter]))
  return filter
}

/** The compiler is loaded when there is something to compile. */
async function compiled(profile: RuntimeSeccomp): Promise<Uint8Array> {
  const { compileSeccomp } = await import('@gocker/kernel')
  return compileSeccomp(profile, hostArchitecture())
}

/** What stands before a filter: of one length for a profile, whatever the filter. */
function head(key: string, filter: Uint8Array): string {
  return `${key}\n${`${filter.length}`.padStart(8)} ${checksum(filter).toString(16).padStart(8, '0')}\n`
}

/** FNV-1a by words: tells a damaged filter, and no more; who may write here is asked of the file system. */
function checksum(filter: Uint8Array): number {
  let sum = 0x811c_9dc5
  // A copy begins where a word may begin; a filter that ends within a word is none.
  for (const word of new Uint32Array(Uint8Array.from(filter).buffer, 0, filter.length >> 2)) sum = Math.imul(sum ^ word, 0x0100_0193)
  return sum >>> 0
}

/** Only what this very user has written: somebody else's could let everything through. */
function contentOf(file: string): Buffer | undefined {
  const fd = openIfThere(file)
  if (fd === undefined) return undefined
  try {
    const { uid, mode } = fstatSync(fd)
    return uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0 ? readFileSync(fd) : undefined
  } finally {
    closeSync(fd)
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch {
    return undefined
  }
}

/** Whole or not at all; where it cannot be kept, the next container's is compiled again. */
function keep(file: string, content: Buffer): void {
  const part = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { mode: 0o700, recursive: true })
    writeFileSync(part, content, { mode: 0o600 })
    renameSync(part, file)
  } catch {
    // A full or read-only run directory stops a container elsewhere, or not at all.
    rmSync(part, { force: true })
  }
}
