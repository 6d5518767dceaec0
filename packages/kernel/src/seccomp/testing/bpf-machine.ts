/** One system call as a filter sees it: `struct seccomp_data`. */
export interface Call {
  readonly arch: number
  readonly number: number
  readonly args?: readonly bigint[]
}

/** What a filter returns for a call, run as the kernel does; an instruction that no filter of ours or libseccomp's has is an error. */
export function runFilter(program: Buffer, call: Call): number {
  const data = seccompData(call)
  let accumulator = 0
  for (let at = 0; ; at++) {
    if (at < 0 || at * 8 >= program.length) throw new Error(`runs out of the program at ${at}`)
    const code = program.readUInt16LE(at * 8)
    const constant = program.readUInt32LE(at * 8 + 4)
    const skip = (holds: boolean) => program.readUInt8(at * 8 + (holds ? 2 : 3))
    if (code === 0x06) return constant
    if (code === 0x20) accumulator = data.readUInt32LE(constant)
    else if (code === 0x54) accumulator = (accumulator & constant) >>> 0
    else if (code === 0x05) at += constant
    else if (code === 0x15) at += skip(accumulator === constant)
    else if (code === 0x25) at += skip(accumulator > constant)
    else if (code === 0x35) at += skip(accumulator >= constant)
    else if (code === 0x45) at += skip((accumulator & constant) !== 0)
    else throw new Error(`instruction ${code.toString(16)} at ${at}`)
  }
}

function seccompData({ arch, number, args = [] }: Call): Buffer {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(arch, 4)
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + index * 8)
  return data
}
