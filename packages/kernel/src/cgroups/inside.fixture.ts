import { type ChildProcess, execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { type Cgroup, openCgroup } from './cgroup.ts'
import { createCgroup } from './create.ts'
import type { Resources } from './resources.ts'

const ENTER = 'for file in $FILES; do echo 0 > "$file" || exit 99; done; eval "$SCRIPT"'

/** Of the tests of this process only. */
export const PARENT = `/gocker-test-${process.pid}`
process.once('exit', () => openCgroup(PARENT).removeIfEmpty())

export function uniquePath(): string {
  return `${PARENT}/${randomUUID()}`
}

/** A cgroup that goes, with whatever is in it, when the test ends. */
export async function cgroupOf(t: TestContext, resources: Resources): Promise<Cgroup> {
  const path = uniquePath()
  t.after(async () => {
    const cgroup = openCgroup(path)
    await cgroup.kill()
    await cgroup.remove()
  })
  return createCgroup({ path, resources })
}

/** Runs a shell that enters before it does anything. */
export function runInside(cgroup: Cgroup, script: string, variables: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync('sh', ['-c', ENTER], { encoding: 'utf8', env: { ...environment(cgroup, script), ...variables } })
}

/** The same, until it has printed a line. */
export async function startInside(cgroup: Cgroup, script: string): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', ENTER], { env: environment(cgroup, script), stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  return child
}

function environment({ procsFiles }: Cgroup, script: string): NodeJS.ProcessEnv {
  return { ...process.env, FILES: procsFiles.join(' '), SCRIPT: script }
}

/**
 * Runs the body of a module where the machine's mounts look different, and gives what it prints as JSON. It has `kernel` (this package's cgroups) and
 * `inside` (this file).
 * @param prepare shell commands in a mount namespace of their own
 */
export function inMounts(prepare: string, body: string): unknown {
  const source = `
    const kernel = { ...(await import(${module('./create.ts')})), ...(await import(${module('./cgroup.ts')})), ...(await import(${module('./hierarchies.ts')})) }
    const inside = await import(${module('./inside.fixture.ts')})
    ${body}`
  const script = `set -e; ${prepare}\nexec "$@"`
  const program = [process.execPath, '--input-type=module', '-e', source]
  const output = execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...program], {
    encoding: 'utf8',
  })
  return JSON.parse(output)
}

function module(name: string): string {
  return JSON.stringify(new URL(name, import.meta.url).href)
}
