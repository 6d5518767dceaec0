import { readFileSync } from 'node:fs'
import { KernelError } from '../error.ts'
import { maskCapabilities } from './masks.ts'
import { CAPABILITIES, type Capability, DEFAULT_CAPABILITIES, lastCapability, parseCapability } from './names.ts'

/** The texts of `--cap-add` and `--cap-drop`: names, or `ALL`. */
export interface CapabilityRequest {
  readonly add?: readonly string[]
  readonly drop?: readonly string[]
  readonly privileged?: boolean
}

const ALL = 'ALL'

/**
 * What a container may have, in the order of the bits, by docker's rules: `--cap-add ALL` stands for everything that is not
 * dropped by name, `--cap-drop ALL` leaves what is added by name, and an added name outdoes the same name dropped. Nobody can give
 * what he has not: `ALL` and the defaults end at the caller's own bounding set.
 * @throws {KernelError} `EINVAL` for a name that is none, `UNSUPPORTED` for one that this kernel does not know, `EPERM` for one that the caller has not
 */
export function resolveCapabilities({ add = [], drop = [], privileged = false }: CapabilityRequest): Capability[] {
  const available = boundingCapabilities()
  if (privileged) return available
  const [added, dropped] = [names(add), names(drop)]
  for (const name of added.names) checkAvailable(name, available)
  const kept = new Set(keptOf(available, { added, dropped }))
  return available.filter((name) => kept.has(name))
}

/** What the calling process and its children can ever have. @see capabilities(7), bounding set */
export function boundingCapabilities(): Capability[] {
  const [, mask = '0'] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
  return maskCapabilities(BigInt(`0x${mask}`))
}

interface Names {
  readonly all: boolean
  readonly names: readonly Capability[]
}

function names(texts: readonly string[]): Names {
  const isAll = (text: string): boolean => text.trim().toUpperCase() === ALL
  return { all: texts.some(isAll), names: texts.filter((text) => !isAll(text)).map(parseCapability) }
}

function keptOf(available: readonly Capability[], { added, dropped }: { added: Names; dropped: Names }): readonly Capability[] {
  const withoutDropped = (from: readonly Capability[]): Capability[] => from.filter((name) => !dropped.names.includes(name))
  if (added.all) return withoutDropped(available)
  if (dropped.all) return added.names
  return [...withoutDropped(DEFAULT_CAPABILITIES), ...added.names]
}

function checkAvailable(name: Capability, available: readonly Capability[]): void {
  if (available.includes(name)) return
  if (CAPABILITIES[name] > lastCapability())
    throw new KernelError('UNSUPPORTED', `adding capability ${name}: this kernel does not know it`, { syscall: 'capset' })
  throw new KernelError('EPERM', `adding capability ${name}: it is not in the bounding set of gocker itself`, { syscall: 'capset' })
}
