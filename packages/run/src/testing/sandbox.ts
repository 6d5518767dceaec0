import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { TestContext } from 'node:test'
import { openStore, type Store } from '@gocker/store'
import { busyboxRootfs, type Leaks, leaks, type TarPart, temporaryDirectory } from '@gocker/testkit'
import { type Container, createContainer } from '../life/container.ts'
import type { ExitStatus } from '../life/exit-status.ts'
import type { RunningContainer, StartOptions } from '../life/start.ts'
import type { ContainerOptions } from '../options/container-options.ts'

/** A store of one test's own, with a root file system of BusyBox. */
export interface Sandbox {
  readonly dir: string
  readonly store: Store
  readonly layer: string
  readonly leaks: Leaks
  /** A container that goes when it ends. */
  create(options: Partial<ContainerOptions>): Promise<Container>
  /** Runs a command to its end. */
  run(command: readonly string[], options?: Partial<ContainerOptions>, start?: Starting): Promise<Outcome>
}

interface Starting extends StartOptions {
  /** Does something with the container while it runs. */
  readonly act?: (running: RunningContainer) => void | Promise<void>
}

interface Outcome extends ExitStatus {
  readonly stdout: string
  readonly stderr: string
}

export async function sandbox(t: TestContext, more: readonly TarPart[] = []): Promise<Sandbox> {
  const dir = temporaryDirectory(t)
  const store = await openStore({ root: join(dir, 'root'), run: join(dir, 'run') })
  const layer = join(dir, 'layer')
  mkdirSync(layer)
  execFileSync('tar', ['-x', '--numeric-owner', '-C', layer], { input: busyboxRootfs(more) })
  const create = (options: Partial<ContainerOptions>) =>
    createContainer({ store, rootfs: { lowers: [layer], config: {} }, remove: true, network: 'none', ...options })
  return {
    dir,
    store,
    layer,
    leaks: leaks(dir),
    create,
    async run(command, options = {}, { act, ...start } = {}) {
      const container = await create({ command, ...options })
      try {
        const running = await container.start(start)
        const output = running.terminal?.output ?? running.stdout
        const [stdout, stderr, status] = await Promise.all([text(output), text(running.stderr), running.exited, act?.(running)])
        return { ...status, stdout, stderr }
      } finally {
        await container.remove()
      }
    },
  }
}

/** What `sh -c` prints. */
export function shell(script: string): string[] {
  return ['sh', '-c', script]
}

/** Resolves when the container has shown something that matches. */
export function until({ terminal, stdout }: RunningContainer, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let seen = ''
    const output = terminal?.output ?? stdout
    output?.on('data', (chunk) => {
      seen += chunk
      if (pattern.test(seen)) resolve()
    })
  })
}

/** By `data` alone: others may listen as well. */
async function text(stream: Readable | undefined): Promise<string> {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk) => chunks.push(chunk))
  if (stream !== undefined) await finished(stream, { writable: false })
  return Buffer.concat(chunks).toString()
}
