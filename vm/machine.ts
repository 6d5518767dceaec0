import { accessSync, constants, readFileSync } from 'node:fs'

export type Architecture = 'x64' | 'arm64'

/** What a machine of an architecture is to qemu, to Debian and to npm. */
export interface Machine {
  readonly architecture: Architecture
  readonly debian: string
  readonly kernelPackage: string
  /** Debian's package of `qemu`, and the arguments that make the board. */
  readonly qemuPackage: string
  readonly qemu: string
  readonly board: readonly string[]
  readonly console: string
}

const MACHINES: Record<Architecture, Machine> = {
  x64: {
    architecture: 'x64',
    debian: 'amd64',
    kernelPackage: 'linux-image-amd64',
    qemuPackage: 'qemu-system-x86',
    qemu: 'qemu-system-x86_64',
    board: ['-machine', 'q35'],
    console: 'ttyS0',
  },
  arm64: {
    architecture: 'arm64',
    debian: 'arm64',
    kernelPackage: 'linux-image-arm64',
    qemuPackage: 'qemu-system-arm',
    qemu: 'qemu-system-aarch64',
    board: ['-machine', 'virt'],
    console: 'ttyAMA0',
  },
}

/** @throws for a name that is none */
export function machineOf(architecture: string): Machine {
  const machine = Object.values(MACHINES).find((each) => each.architecture === architecture)
  if (machine === undefined) throw new Error(`choosing a machine with ${architecture}: it is none of ${Object.keys(MACHINES).join(', ')}`)
  return machine
}

export function isForeign({ architecture }: Machine): boolean {
  return architecture !== process.arch
}

/**
 * How the processor comes about: by the kernel where it can, else by software. The device alone does not say that it can: there are kernels
 * whose KVM runs only guests that were made for it.
 */
export function acceleration(machine: Machine): string[] {
  // A pointer authentication of the real algorithm takes software half of its time.
  const softly = ['-accel', 'tcg,thread=multi', '-cpu', machine.architecture === 'arm64' ? 'max,pauth-impdef=on' : 'max,la57=off']
  return !isForeign(machine) && hasKvm() ? ['-accel', 'kvm', '-cpu', 'host'] : softly
}

function hasKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return process.arch !== 'x64' || /^flags\b.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'))
  } catch {
    return false
  }
}
