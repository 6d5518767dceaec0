import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { canLimitSwap, hasSingleId, inUserNamespace, readIdMap } from '@gocker/kernel'
import type { ResourceOptions } from '../options/container-options.ts'
import type { HostFacts } from '../spec/runtime-spec.ts'
import { blockDevice } from './devices.ts'

const PROCESSORS = '/sys/devices/system/cpu'

/**
 * What this machine is, as far as a container's limits depend on it.
 * @throws {RunError} `NO_SUCH_SOURCE` for a rate of what is no device
 */
export function hostFacts({ deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops }: ResourceOptions): HostFacts {
  const rates = [deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops].flatMap((list) => list ?? [])
  return {
    processors: availableParallelism(),
    limitsSwap: canLimitSwap(),
    blockDevices: Object.fromEntries(rates.map(({ path }) => [path, blockDevice(path)])),
    hostname: hostname(),
    ...(inUserNamespace() && { singleId: hasSingleId(), lastGid: lastGid() }),
    environment: process.env,
    thermalThrottles: thermalThrottles(),
  }
}

/** Of those that follow each other from root's on: a hole ends them. */
function lastGid(): number {
  const ranges = readIdMap('gid').sort((a, b) => a.inside - b.inside)
  return ranges.reduce((next, { inside, size }) => (inside === next ? inside + size : next), 0) - 1
}

function thermalThrottles(): string[] {
  const processors = readdirSync(PROCESSORS).filter((name) => /^cpu\d+$/.test(name))
  return processors.map((name) => `${PROCESSORS}/${name}/thermal_throttle`).filter((path) => existsSync(path))
}
