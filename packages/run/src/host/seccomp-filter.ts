import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileSeccomp, hostArchitecture } from '@gocker/kernel'
import type { RuntimeSeccomp } from '@gocker/oci'

/** Names the compiler that made a kept filter; the bundle's build sets it, and from source nothing is kept. */
const COMPILER = process.env.GOCKER_BUILD
const DIGEST_SIZE = 32
const WRITABLE_BY_OTHERS = 0o022

/**
 * A profile as the kernel's filter. Most containers have the same one, so the last is kept in the run directory, behind
 * the digest of the profile and of itself.
 * @throws {KernelError} for a profile that cannot be compiled
 */
export function seccompFilter(profile: RuntimeSeccomp, run: string): Uint8Array {
  if (COMPILER === undefined) return compileSeccomp(profile, hostArchitecture())
  const file = join(run, `seccomp-${COMPILER}`, 'filter')
  const text = JSON.stringify(profile)
  const kept = contentOf(file)
  const filter = kept?.subarray(DIGEST_SIZE)
  if (filter !== undefined && digest(text, filter).equals(kept?.subarray(0, DIGEST_SIZE) ?? Buffer.of())) return filter
  const compiled = compileSeccomp(profile, hostArchitecture())
  keep(file, Buffer.concat([digest(text, compiled), compiled]))
  return compiled
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
  try {
    mkdirSync(dirname(file), { mode: 0o700, recursive: true })
    writeFileSync(`${file}.${process.pid}`, content, { mode: 0o600 })
    renameSync(`${file}.${process.pid}`, file)
  } catch {
    // A full or read-only run directory stops a container elsewhere, or not at all.
  }
}

function digest(profile: string, filter: Uint8Array): Buffer {
  return createHash('sha256').update(`${profile}\n`).update(filter).digest()
}
