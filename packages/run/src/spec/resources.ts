import type { RuntimeBlockIo, RuntimeCpu, RuntimeDeviceRule, RuntimeMemory, RuntimeResources, RuntimeThrottle } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { ResourceOptions } from '../options/container-options.ts'

const SMALLEST_MEMORY = 6 * 1024 * 1024
const PERIOD = 100_000

export interface ResourceFacts {
  /** Processors of the host. */
  readonly processors: number
  /** Whether a cgroup here can limit swap. */
  readonly limitsSwap: boolean
  /** Numbers of the block devices that rates are set for, by path. */
  readonly blockDevices: Readonly<Record<string, { readonly major: number; readonly minor: number }>>
}

/**
 * Docker's limits in the runtime spec's words.
 * @throws {RunError} `INVALID_OPTION` for limits that contradict each other or that no container could live with
 * @see https://docs.docker.com/engine/containers/resource_constraints/
 */
export function resourcesOf(options: ResourceOptions, devices: readonly RuntimeDeviceRule[], facts: ResourceFacts): RuntimeResources {
  const memory = memoryOf(options, facts)
  const cpu = cpuOf(options, facts)
  const blockIO = blockIoOf(options, facts)
  return {
    devices,
    ...(isAsked(memory) && { memory }),
    ...(isAsked(cpu) && { cpu }),
    ...(isAsked(blockIO) && { blockIO }),
    ...(options.pidsLimit !== undefined && { pids: { limit: options.pidsLimit > 0 ? options.pidsLimit : -1 } }),
  }
}

function isAsked(limits: object): boolean {
  return Object.keys(limits).length > 0
}

function memoryOf(options: ResourceOptions, { limitsSwap }: ResourceFacts): RuntimeMemory {
  const { memory: limit, memorySwap, memoryReservation: reservation, memorySwappiness: swappiness, oomKillDisable } = options
  if (limit !== undefined && limit < SMALLEST_MEMORY) throw refused('memory', `${limit} bytes is less than the minimum of 6m`)
  if (memorySwap !== undefined && limit === undefined) throw refused('memory-swap', 'it needs a memory limit beside it')
  if (limit !== undefined && memorySwap !== undefined && memorySwap !== 0 && memorySwap !== -1 && memorySwap < limit)
    throw refused('memory-swap', `${memorySwap} bytes is less than the memory limit of ${limit}; it counts both together`)
  if (limit !== undefined && reservation !== undefined && reservation > limit)
    throw refused('memory-reservation', `${reservation} bytes is more than the memory limit of ${limit}`)
  if (swappiness !== undefined && (swappiness < 0 || swappiness > 100)) throw refused('memory-swappiness', `${swappiness} is not 0 to 100`)
  const byDefault = limit !== undefined && limitsSwap ? limit * 2 : undefined
  const swap = memorySwap === undefined || memorySwap === 0 ? byDefault : memorySwap
  return {
    ...(limit !== undefined && { limit }),
    ...(reservation !== undefined && { reservation }),
    ...(swap !== undefined && { swap }),
    ...(swappiness !== undefined && { swappiness }),
    ...(oomKillDisable && { disableOOMKiller: true }),
  }
}

function cpuOf(
  { cpus, cpuShares: shares, cpuQuota, cpuPeriod, cpusetCpus, cpusetMems }: ResourceOptions,
  { processors }: ResourceFacts,
): RuntimeCpu {
  if (cpus !== undefined && (cpuQuota !== undefined || cpuPeriod !== undefined))
    throw refused('cpus', 'a quota or a period beside it says the same in other words')
  if (cpus !== undefined && cpus > processors) throw refused('cpus', `${cpus} is not 0.01 to ${processors}: there are only ${processors}`)
  if (cpuPeriod !== undefined && (cpuPeriod < 1000 || cpuPeriod > 1_000_000))
    throw refused('cpu-period', `${cpuPeriod} is not 1000 to 1000000`)
  if (cpuQuota !== undefined && cpuQuota !== -1 && cpuQuota < 1000) throw refused('cpu-quota', `${cpuQuota} is less than 1000`)
  const time = cpus ? { quota: Math.round(cpus * PERIOD), period: PERIOD } : {}
  return {
    ...time,
    ...(shares !== undefined && shares !== 0 && { shares }),
    ...(cpuQuota !== undefined && { quota: cpuQuota }),
    ...(cpuPeriod !== undefined && { period: cpuPeriod }),
    ...(cpusetCpus && { cpus: readList(cpusetCpus, 'cpuset-cpus') }),
    ...(cpusetMems && { mems: readList(cpusetMems, 'cpuset-mems') }),
  }
}

function readList(text: string, what: string): string {
  if (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) return text
  throw refused(what, `${JSON.stringify(text)} is not a list such as 0-2,4`)
}

function blockIoOf(options: ResourceOptions, { blockDevices }: ResourceFacts): RuntimeBlockIo {
  const { blkioWeight: weight, deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops } = options
  if (weight !== undefined && weight !== 0 && (weight < 10 || weight > 1000)) throw refused('blkio-weight', `${weight} is not 10 to 1000`)
  const throttles = (rates: ResourceOptions['deviceReadBps']): RuntimeThrottle[] =>
    (rates ?? []).map(({ path, rate }) => {
      const device = blockDevices[path]
      if (device === undefined) throw refused('device rate', `${path} is not a block device`)
      return { ...device, rate }
    })
  return {
    ...(weight && { weight }),
    ...(deviceReadBps && { throttleReadBpsDevice: throttles(deviceReadBps) }),
    ...(deviceWriteBps && { throttleWriteBpsDevice: throttles(deviceWriteBps) }),
    ...(deviceReadIops && { throttleReadIOPSDevice: throttles(deviceReadIops) }),
    ...(deviceWriteIops && { throttleWriteIOPSDevice: throttles(deviceWriteIops) }),
  }
}

function refused(what: string, why: string): RunError {
  return new RunError('INVALID_OPTION', `limiting ${what}: ${why}`)
}
