import { existsSync } from 'node:fs'
import type { Architecture } from './machine.ts'

/** Test files that are run by one user. */
export interface Suite {
  readonly name: 'root' | 'rootless'
  readonly files: readonly string[]
}

/** What cgroup v2 and its kernel could make different: limits, devices, freezing, counting, and all that starts or joins containers. */
const ROOT = [
  'vm/pulled-image.test.ts',
  'vm/shared-out-cgroup.test.ts',
  'packages/kernel/src/cgroups/**/*.test.ts',
  'packages/run/src/life/limits.test.ts',
  'packages/run/src/life/isolation.test.ts',
  'test/run-limits.test.ts',
  'test/pause-update-rename.test.ts',
  'test/stats.test.ts',
  'test/run-isolation.test.ts',
  'test/run-process.test.ts',
  'test/run-streams.test.ts',
  'test/run-files.test.ts',
  'test/run-detached.test.ts',
  'test/start-stop.test.ts',
  'test/exec.test.ts',
  'test/health.test.ts',
  'test/top.test.ts',
  'test/terminal.test.ts',
  'test/network.test.ts',
  'test/publish.test.ts',
  'test/run-killed.test.ts',
  'test/build-run.test.ts',
  'test/defaults.test.ts',
  'test/killed.test.ts',
  'test/rootless.test.ts',
]

const ROOTLESS = [
  'vm/rootless-limits.test.ts',
  'vm/shared-out-cgroup.test.ts',
  'test/run-limits.test.ts',
  'test/run-process.test.ts',
  'test/run-streams.test.ts',
  'test/exec.test.ts',
]

/** What another processor makes different: launch programs, structures of the kernel, seccomp, images. */
const ARM64 = [
  'vm/pulled-image.test.ts',
  'vm/callers-of-32-bits.test.ts',
  'packages/kernel/src/launch/*.test.ts',
  'packages/kernel/src/seccomp/*.test.ts',
  'packages/kernel/src/door/*.test.ts',
  'packages/kernel/src/cgroups/v2/*.test.ts',
  'test/run-process.test.ts',
  'test/exec.test.ts',
]

export function suitesFor(architecture: Architecture): Suite[] {
  const suites: Suite[] =
    architecture === 'arm64'
      ? [{ name: 'root', files: ARM64 }]
      : [
          { name: 'root', files: ROOT },
          { name: 'rootless', files: ROOTLESS },
        ]
  return suites
    .map(({ name, files }) => ({ name, files: files.filter((file) => file.includes('*') || existsSync(file)) }))
    .filter(({ files }) => files.length > 0)
}
