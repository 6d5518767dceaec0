import { invalidOption } from '../error.ts'

/** `none`: a network of its own with loopback alone. `host`: the host's. */
export type Network = 'none' | 'host'

/**
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseNetwork(text: string): Network {
  if (text === 'none' || text === 'host') return text
  throw invalidOption('network', text, 'neither none nor host')
}
