import type { Controller, ReadFile, Setting } from '../controller.ts'
import { cannotHold } from '../files.ts'
import type { BlockIoResources, Throttle } from '../resources.ts'

/** @see https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html */
export const blkioV1: Controller = {
  name: 'blkio',

  settings({ blockIO = {} }, read) {
    if (blockIO.leafWeight) throw cannotHold('blkio', 'leaf weights are gone since Linux 5.0')
    return [
      ...weights(blockIO, read),
      ...throttles('blkio.throttle.read_bps_device', blockIO.throttleReadBpsDevice),
      ...throttles('blkio.throttle.write_bps_device', blockIO.throttleWriteBpsDevice),
      ...throttles('blkio.throttle.read_iops_device', blockIO.throttleReadIOPSDevice),
      ...throttles('blkio.throttle.write_iops_device', blockIO.throttleWriteIOPSDevice),
    ]
  },

  stats(read) {
    const text = read('blkio.throttle.io_service_bytes_recursive')
    return text === undefined ? {} : { io: { read: sumOf(text, 'Read'), written: sumOf(text, 'Write') } }
  },
}

// The BFQ scheduler's file; the scheduler with the shorter name is gone since Linux 5.0.
function weights({ weight, weightDevice = [] }: BlockIoResources, read: ReadFile): Setting[] {
  if (!weight && weightDevice.length === 0) return []
  const prefix = read('blkio.weight') === undefined ? 'blkio.bfq' : 'blkio'
  return [
    ...(weight ? [{ file: `${prefix}.weight`, value: `${weight}` }] : []),
    ...weightDevice.flatMap(({ major, minor, weight: own }) =>
      own ? [{ file: `${prefix}.weight_device`, value: `${major}:${minor} ${own}` }] : [],
    ),
  ]
}

// One device a write.
function throttles(file: string, devices: readonly Throttle[] = []): Setting[] {
  return devices.map(({ major, minor, rate }) => ({ file, value: `${major}:${minor} ${rate}` }))
}

/** Lines of `8:0 Read 4096`, and a total at the end. */
function sumOf(text: string, operation: string): number {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, kind]) => kind === operation)
    .reduce((sum, [, , bytes]) => sum + Number(bytes), 0)
}
