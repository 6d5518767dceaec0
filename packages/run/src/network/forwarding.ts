import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IpFamily } from '@gocker/kernel'
import { RunError } from '../error.ts'

const SETTINGS = { ipv4: '/proc/sys/net/ipv4/ip_forward', ipv6: '/proc/sys/net/ipv6/conf/all/forwarding' } as const
const IPV6_LINKS = '/proc/sys/net/ipv6/conf'

/**
 * Lets the machine pass packets on between links, which every network but an internal one needs.
 * @throws {RunError} `NETWORK_FAILED` where /proc/sys cannot be written
 * @see ip-sysctl, ip_forward
 */
export function allowForwarding(family: IpFamily): void {
  const setting = SETTINGS[family]
  if (readSetting(setting) === '1') return
  if (family === 'ipv6') keepRouterAdvertisements()
  writeSetting(setting, '1')
}

/** A machine that forwards does not listen to routers any more, unless it is told so: it would lose its own default route. */
function keepRouterAdvertisements(): void {
  for (const link of readdirSync(IPV6_LINKS)) {
    const setting = `${IPV6_LINKS}/${link}/accept_ra`
    if (link !== 'all' && readSetting(setting) === '1') writeSetting(setting, '2')
  }
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    // A link that goes meanwhile, or a kernel without IPv6: writing tells.
    return undefined
  }
}

function writeSetting(path: string, value: string): void {
  try {
    writeFileSync(path, value)
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const hint = HINTS[code]
    throw new RunError('NETWORK_FAILED', `setting ${path} to ${value}: ${code}`, { cause, ...(hint !== undefined && { hint }) })
  }
}

const HINTS: Readonly<Record<string, string>> = {
  EROFS: '/proc/sys is read-only here: set it from outside, or use --network host or none',
  EACCES: 'only root of this machine can: set it beforehand, or use --network host or none',
  ENOENT: 'this kernel was made or started without IPv6',
}
