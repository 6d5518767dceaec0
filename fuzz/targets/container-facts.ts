import { DEFAULT_CAPABILITIES } from '@gocker/kernel'
import type { ProgramFacts } from '../../packages/run/src/program/plan.ts'

/** What a launch program needs to know beside a spec, as it could be on some machine. */
export const FACTS: ProgramFacts = {
  id: 'x',
  parent: 42,
  overlay: { base: '/layers', lowers: ['top', 'bottom'], upper: '/c/upper', work: '/c/work', mountPoint: '/c/rootfs' },
  cgroup: {
    entries: [{ hierarchy: 'v1', directory: '/sys/fs/cgroup/cpu/gocker/x', file: '/sys/fs/cgroup/cpu/gocker/x/tasks', path: '/gocker/x' }],
    views: [{ controller: 'cpu', hierarchy: 'v1', mountOptions: 'cpu', links: [] }],
  },
  requests: new Map(),
  directories: new Set(),
  stdio: ['null', 'pipe', 'pipe'],
  init: false,
  seccompFilter: Buffer.alloc(8),
  lastCapability: 40,
}

export const CAPABILITIES: readonly string[] = DEFAULT_CAPABILITIES
