import { spawnSync } from 'node:child_process'
import { missingPackages } from '@gocker/testkit'

/** Installs the Debian packages that the tests need, when they are missing and we may; else names them and ends. */
export async function installRequirements(): Promise<void> {
  const missing = (await missingPackages()).map(({ name }) => name)
  if (missing.length === 0) return
  console.log(`\n# Debian packages that the tests need: ${missing.join(' ')}`)
  const command = ['install', '-y', '--no-install-recommends', ...missing]
  if (process.getuid?.() !== 0 || !isThere('apt-get')) return refuse(command)
  apt(['update'])
  apt(command)
}

/** @throws nothing: says what failed and ends the process */
export function apt(args: readonly string[]): void {
  // In runlevel 1 Debian starts no service of what is installed.
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const { status } = spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  if (status !== 0) refuse(args)
}

export function isThere(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

function refuse(args: readonly string[]): never {
  console.error(`Please run as root, on a machine that reaches the Debian archive:\n  apt-get update && apt-get ${args.join(' ')}`)
  process.exit(1)
}
