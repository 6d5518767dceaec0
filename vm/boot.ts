import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BaseImage } from './base-image.ts'
import { acceleration, type Machine } from './machine.ts'

export interface BootOptions {
  readonly machine: Machine
  readonly image: BaseImage
  readonly checkout: string
  /** For what the machine writes to its disk, and its console. */
  readonly directory: string
  readonly signal: AbortSignal
  /** What the tests print. */
  onLine(line: string): void
}

/**
 * Boots a machine, and waits until it has switched itself off. It has no network. The disks are as they were after it.
 * @throws with the end of the console when qemu fails or is told to stop
 */
export async function boot(options: BootOptions): Promise<void> {
  const { machine, directory, signal } = options
  const console = join(directory, 'console')
  // Killed when this process ends, however it ends.
  const command = ['--pdeathsig', 'KILL', '--', 'nice', '-n', '15', machine.qemu, ...qemuOptions(options, console)]
  const child = spawn('setpriv', command, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: directory } })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  const exited = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) options.onLine(line)
  const [code] = await exited
  signal.removeEventListener('abort', kill)
  if (code !== 0)
    throw new Error(`running ${machine.qemu}: ${signal.aborted ? String(signal.reason) : `ended with ${code}`}\n${consoleEnd(console)}`)
}

/** The last thing that a kernel said, which is all that is to be had of one that does not come up. */
function consoleEnd(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-4000) : ''
}

function qemuOptions({ machine, image, checkout }: BootOptions, console: string): string[] {
  return [
    '-nodefaults',
    '-display',
    'none',
    '-no-reboot',
    ...machine.board,
    ...acceleration(machine),
    ...['-smp', '2', '-m', '3G'],
    ...['-kernel', image.kernel, '-initrd', image.initrd],
    ...['-append', `root=/dev/vda rw console=${machine.console} panic=-1 mitigations=off net.ifnames=0`],
    ...['-drive', `file=${image.disk},if=virtio,format=raw,snapshot=on,cache=unsafe`],
    ...['-drive', `file=${checkout},if=virtio,format=raw,readonly=on`],
    ...['-chardev', `file,id=console,path=${console}`, '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci', '-chardev', 'stdio,id=results,signal=off', '-device', 'virtserialport,chardev=results,name=gocker'],
    ...['-device', 'virtio-rng-pci'],
  ]
}
