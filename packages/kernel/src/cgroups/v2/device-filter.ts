import { closeSync, constants, openSync } from 'node:fs'
import { bpf } from '../../door/bpf.ts'
import { addressOf } from '../../door/libc.ts'
import { KernelError } from '../../error.ts'
import type { DeviceRule } from '../resources.ts'
import { deviceProgram } from './device-program.ts'

const BPF_PROG_TYPE_CGROUP_DEVICE = 15
const BPF_CGROUP_DEVICE = 6
const BPF_F_ALLOW_MULTI = 2
// More than anybody attaches to one cgroup: the kernel takes 64.
const MOST_PROGRAMS = 64
const LOAD_ATTEMPTS = 10

/**
 * Puts the rules in the place of those that the cgroup had. The kernel keeps the program as long as the cgroup is there.
 * @param directory of a cgroup of v2
 * @throws {KernelError}
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller
 */
export function filterDevices(directory: string, rules: readonly DeviceRule[]): void {
  const cgroup = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const before = attachedPrograms(cgroup)
    attach(cgroup, rules)
    // All that are attached must agree, so the old ones go last.
    for (const id of before) detach(cgroup, id)
  } finally {
    closeSync(cgroup)
  }
}

function attach(cgroup: number, rules: readonly DeviceRule[]): void {
  const program = load(deviceProgram(rules))
  try {
    bpf('PROG_ATTACH', words(cgroup, program, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI))
  } finally {
    closeSync(program)
  }
}

function detach(cgroup: number, id: number): void {
  const program = bpf('PROG_GET_FD_BY_ID', words(id, 0, 0))
  try {
    bpf('PROG_DETACH', words(cgroup, program, BPF_CGROUP_DEVICE))
  } finally {
    closeSync(program)
  }
}

function load(program: Buffer): number {
  const license = Buffer.alloc(16, 'Apache-2.0\0')
  const attributes = Buffer.alloc(72)
  attributes.writeUInt32LE(BPF_PROG_TYPE_CGROUP_DEVICE, 0)
  attributes.writeUInt32LE(program.byteLength / 8, 4)
  attributes.writeBigUInt64LE(addressOf(program), 8)
  attributes.writeBigUInt64LE(addressOf(license), 16)
  attributes.write('gocker_devices', 48)
  return loadPatiently(attributes)
}

/** The kernel stops verifying a program when a signal comes, as those of V8 and libuv do. */
function loadPatiently(attributes: Buffer, attempts = LOAD_ATTEMPTS): number {
  try {
    return bpf('PROG_LOAD', attributes)
  } catch (error) {
    if (attempts === 1 || !(error instanceof KernelError) || error.code !== 'EAGAIN') throw error
    return loadPatiently(attributes, attempts - 1)
  }
}

function attachedPrograms(cgroup: number): number[] {
  const ids = Buffer.alloc(4 * MOST_PROGRAMS)
  const attributes = Buffer.alloc(32)
  attributes.writeUInt32LE(cgroup, 0)
  attributes.writeUInt32LE(BPF_CGROUP_DEVICE, 4)
  attributes.writeBigUInt64LE(addressOf(ids), 16)
  attributes.writeUInt32LE(MOST_PROGRAMS, 24)
  bpf('PROG_QUERY', attributes)
  const count = attributes.readUInt32LE(24)
  return Array.from({ length: count }, (_, index) => ids.readUInt32LE(4 * index))
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index)
  return bytes
}
