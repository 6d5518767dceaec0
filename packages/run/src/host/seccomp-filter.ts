import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileSeccomp, hostArchitecture } from '@gocker/kernel'
import type { RuntimeSeccomp } from '@gocker/oci'

/** Names the compiler that made a kept filter; the bundle's build sets it, and from source nothing is kept. */
const COMPILER = process.env.GOCKER_BUILD

/**
 * A profile as the kernel's filter. Most containers have the same one, so the last is kept in the run directory, which only its
 * owner can write, behind the whole profile that it was made of.
 * @throws {KernelError} for a profile that cannot be compiled
 */
export function seccompFilter(profile: RuntimeSeccomp, run: string): Buffer {
  if (COMPILER === undefined) return compileSeccomp(profile, hostArchitecture())
  const file = join(run, `seccomp-${COMPILER}`, 'filter')
  const key = Buffer.from(`${JSON.stringify(profile)}\n`)
  const kept = contentOf(file)
  if (kept?.subarray(0, key.length).equals(key)) return kept.subarray(key.length)
  const filter = compileSeccomp(profile, hostArchitecture())
  keep(file, Buffer.concat([key, filter]))
  return filter
}

function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
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
