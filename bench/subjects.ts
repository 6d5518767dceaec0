import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debianRootfs } from '@gocker/testkit'

/** The Node binary itself: a wrapper's start is not gocker's. */
export const NODE = process.execPath
export const GOCKER = process.env.GOCKER_BENCH_BUNDLE ?? fileURLToPath(new URL('../packages/cli/dist/gocker.js', import.meta.url))

export function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

/** A store of its own with `debian` in it, gone with the bench. */
export async function storeWithDebian(): Promise<{ environment: Record<string, string>; remove(): void }> {
  if (!existsSync(GOCKER)) throw new Error('there is no bundle to measure: run pnpm build')
  const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-'))
  const environment = { GOCKER_ROOT: join(directory, 'store'), GOCKER_RUN: join(directory, 'run') }
  const { status, stderr } = spawnSync(NODE, [GOCKER, 'import', await debianRootfs({ variant: 'plain' }), 'debian'], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  if (status !== 0) throw new Error(`importing debian: ${stderr}`)
  return { environment, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
