import { callFailed } from './libc.ts'
import { systemCall } from './system-call.ts'

/** @see bpf(2), enum bpf_cmd */
export const BPF_COMMANDS = { PROG_LOAD: 5, PROG_ATTACH: 8, PROG_DETACH: 9, PROG_GET_FD_BY_ID: 13, PROG_QUERY: 16 } as const

/**
 * @param attributes `union bpf_attr` as far as the command reads it; the kernel writes answers into it
 * @returns a descriptor, close-on-exec, for the commands that make one
 * @throws {KernelError}
 * @see bpf(2)
 */
export function bpf(command: keyof typeof BPF_COMMANDS, attributes: Buffer): number {
  const result = bpfCall(BPF_COMMANDS[command], attributes, attributes.byteLength)
  if (result < 0) throw callFailed('bpf', command)
  return result
}

const bpfCall = systemCall('bpf')
