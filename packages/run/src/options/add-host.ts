import { invalidOption } from '../error.ts'
import { isIP } from './ip-address.ts'

export interface HostEntry {
  readonly name: string
  /** An IP address, or `host-gateway`: the host as the container reaches it. */
  readonly address: string
}

export const HOST_GATEWAY = 'host-gateway'

/**
 * Reads `db:10.0.0.2`, `db=10.0.0.2`, `db:[::1]`, `me:host-gateway`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseAddHost(text: string): HostEntry {
  const [, name, address] = /^([^:=]+)[:=](.+)$/.exec(text) ?? []
  if (name === undefined || address === undefined) throw invalidOption('host entry', text, 'not name:address')
  const bare = address.replace(/^\[(.*)\]$/, '$1')
  if (bare !== HOST_GATEWAY && isIP(bare) === 0) throw invalidOption('host entry', text, `${JSON.stringify(bare)} is not an IP address`)
  if (/\s/.test(name)) throw invalidOption('host entry', text, 'the name contains white space')
  return { name, address: bare }
}
