import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostPlatform, type Platform } from '@gocker/oci'

const HANDLERS = '/proc/sys/fs/binfmt_misc'

interface Elf {
  /** 1: 32 bits, 2: 64 bits. */
  readonly class: 1 | 2
  readonly bigEndian?: boolean
  readonly machine: number
}

/** @see elf(5) and the kernel's include/uapi/linux/elf-em.h */
const ELVES: Readonly<Record<string, Elf>> = {
  '386': { class: 1, machine: 3 },
  amd64: { class: 2, machine: 62 },
  arm: { class: 1, machine: 40 },
  arm64: { class: 2, machine: 183 },
  loong64: { class: 2, machine: 258 },
  mips64le: { class: 2, machine: 8 },
  ppc64le: { class: 2, machine: 21 },
  riscv64: { class: 2, machine: 243 },
  s390x: { class: 2, bigEndian: true, machine: 22 },
}

/** What a processor runs besides its own. */
const ALSO_NATIVE: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' }

/**
 * What is missing on this machine to run programs of a platform; `undefined` where nothing is.
 * @param handlers where binfmt_misc is mounted
 * @see https://docs.kernel.org/admin-guide/binfmt-misc.html
 */
export function missingFor({ os, architecture }: Platform, { host = hostPlatform(), handlers = HANDLERS } = {}): string | undefined {
  if (os !== host.os) return `this machine runs ${host.os}, not ${os}`
  if (architecture === host.architecture || architecture === ALSO_NATIVE[host.architecture]) return undefined
  const elf = ELVES[architecture]
  if (elf === undefined) return `no emulation of ${architecture} is known`
  const found = registered(handlers).find((handler) => isFor(handler, headerOf(elf)))
  if (found === undefined) return `no handler in ${HANDLERS} is for ${architecture}`
  return found.flags.includes('F')
    ? undefined
    : `the handler of ${architecture} (${found.interpreter}) is not loaded beforehand: it lacks the flag F`
}

interface Handler {
  readonly interpreter: string
  readonly flags: string
  readonly offset: number
  readonly magic: Buffer
  readonly mask: Buffer
}

function registered(directory: string): Handler[] {
  return namesIn(directory).flatMap((name) => {
    const text = readFileSync(join(directory, name), 'utf8')
    const value = (key: string) => new RegExp(`^${key}:?[ \\t]*(.*)$`, 'm').exec(text)?.[1] ?? ''
    const magic = Buffer.from(value('magic'), 'hex')
    if (!text.startsWith('enabled\n') || magic.length === 0) return []
    const mask = Buffer.from(value('mask') || 'ff'.repeat(magic.length), 'hex')
    return [{ interpreter: value('interpreter'), flags: value('flags'), offset: Number(value('offset')), magic, mask }]
  })
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name !== 'register' && name !== 'status')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function isFor({ offset, magic, mask }: Handler, header: Buffer): boolean {
  return magic.every((byte, index) => (byte & (mask[index] ?? 0xff)) === ((header[offset + index] ?? 0) & (mask[index] ?? 0xff)))
}

/** The beginning of an executable. */
function headerOf({ class: bits, bigEndian = false, machine }: Elf): Buffer {
  const header = Buffer.alloc(20)
  header.set([0x7f, 0x45, 0x4c, 0x46, bits, bigEndian ? 2 : 1, 1])
  const put = (value: number, at: number) => (bigEndian ? header.writeUInt16BE(value, at) : header.writeUInt16LE(value, at))
  put(2, 16)
  put(machine, 18)
  return header
}
