import type { Controller, ReadFile, Setting } from '../controller.ts'
import { cannotHold } from '../files.ts'
import type { BlockIoResources } from '../resources.ts'

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html#io-interface-files */
export const ioV2: Controller = {
  name: 'io',

  settings({ blockIO = {} }, read) {
    if (blockIO.leafWeight) throw cannotHold('io', 'cgroup v2 has no leaf weights')
    return [...weights(blockIO, read), ...throttles(blockIO)]
  },

  stats(read) {
    const text = read('io.stat')
    return text === undefined ? {} : { io: { read: sumOf(text, 'rbytes'), written: sumOf(text, 'wbytes') } }
  },
}

/** v1's 10 to 1000 over v2's 1 to 10000. */
export function ioWeight(weight: number): number {
  return Math.round(1 + ((Math.min(Math.max(weight, 10), 1000) - 10) * 9999) / 990)
}

// The BFQ scheduler has v1's range, and a file of its own; else io.cost's.
function weights({ weight, weightDevice = [] }: BlockIoResources, read: ReadFile): Setting[] {
  if (!weight && weightDevice.length === 0) return []
  const bfq = read('io.bfq.weight') !== undefined
  const file = bfq ? 'io.bfq.weight' : 'io.weight'
  const convert = (own: number): number => (bfq ? own : ioWeight(own))
  return [
    ...(weight ? [{ file, value: `default ${convert(weight)}` }] : []),
    ...weightDevice.flatMap(({ major, minor, weight: own }) => (own ? [{ file, value: `${major}:${minor} ${convert(own)}` }] : [])),
  ]
}

function throttles(blockIO: BlockIoResources): Setting[] {
  const limits = [
    ['rbps', blockIO.throttleReadBpsDevice],
    ['wbps', blockIO.throttleWriteBpsDevice],
    ['riops', blockIO.throttleReadIOPSDevice],
    ['wiops', blockIO.throttleWriteIOPSDevice],
  ] as const
  return limits.flatMap(([key, devices = []]) =>
    devices.map(({ major, minor, rate }) => ({ file: 'io.max', value: `${major}:${minor} ${key}=${rate === 0 ? 'max' : rate}` })),
  )
}

/** Lines of `8:0 rbytes=4096 wbytes=0 rios=1 ...`. */
function sumOf(text: string, key: string): number {
  return text
    .split(/\s/)
    .filter((word) => word.startsWith(`${key}=`))
    .reduce((sum, word) => sum + Number(word.slice(key.length + 1)), 0)
}
