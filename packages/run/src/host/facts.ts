import { existsSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import type { ResourceOptions } from '../options/container-options.ts'
import type { HostFacts } from '../spec/runtime-spec.ts'
import { blockDevice } from './devices.ts'

const V1_MEMORY = '/sys/fs/cgroup/memory'

/**
 * What this machine is, as far as a container's limits depend on it.
 * @throws {RunError} `NO_SUCH_SOURCE` for a rate of what is no device
 */
export function hostFacts({ deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops }: ResourceOptions): HostFacts {
  const rates = [deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops].flatMap((list) => list ?? [])
  return {
    processors: availableParallelism(),
    // Version 1 without swap accounting has no such file; version 2 always counts swap.
    limitsSwap: !existsSync(V1_MEMORY) || existsSync(`${V1_MEMORY}/memory.memsw.limit_in_bytes`),
    blockDevices: Object.fromEntries(rates.map(({ path }) => [path, blockDevice(path)])),
    hostname: hostname(),
    environment: process.env,
  }
}
