import { KernelError } from '../error.ts'
import { CAPABILITIES, type Capability } from './names.ts'

const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522

/** The sets that capset(2) sets, as masks of {@link capabilityMask}. */
export interface CapabilitySets {
  readonly effective: bigint
  readonly permitted: bigint
  readonly inheritable: bigint
}

/**
 * One bit for each capability: `1n << 10n` for CAP_NET_BIND_SERVICE.
 * @throws {KernelError} `EINVAL` for a name that is none: a spec is somebody else's text
 */
export function capabilityMask(capabilities: readonly Capability[]): bigint {
  return capabilities.reduce((mask, name) => mask | (1n << BigInt(bitOf(name))), 0n)
}

function bitOf(name: Capability): number {
  if (Object.hasOwn(CAPABILITIES, name)) return CAPABILITIES[name]
  throw new KernelError('EINVAL', `capability ${JSON.stringify(name)}: EINVAL (there is none of that name)`, { syscall: 'capset' })
}

/** Those of a mask that have names, by bit. */
export function maskCapabilities(mask: bigint): Capability[] {
  return (Object.keys(CAPABILITIES) as Capability[]).filter((name) => ((mask >> BigInt(CAPABILITIES[name])) & 1n) === 1n)
}

/**
 * The two structures that capset(2) takes, for the calling thread: 8 and 24 bytes. Each set is cut into two 32-bit words, low first.
 * @see capset(2)
 */
export function encodeCapset({ effective, permitted, inheritable }: CapabilitySets): { header: Buffer; data: Buffer } {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(LINUX_CAPABILITY_VERSION_3, 0)
  const data = Buffer.alloc(24)
  for (const [index, mask] of [effective, permitted, inheritable].entries()) {
    data.writeUInt32LE(Number(mask & 0xffff_ffffn), 4 * index)
    data.writeUInt32LE(Number(mask >> 32n), 12 + 4 * index)
  }
  return { header, data }
}
