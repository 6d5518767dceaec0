import { statSync } from 'node:fs'
import { relative } from 'node:path'
import { type Cgroup, compileSeccomp, hostArchitecture, lastCapability, type WindowSize } from '@gocker/kernel'
import { isBind } from '../program/bind-sources.ts'
import type { OverlayFacts, ProgramFacts } from '../program/plan.ts'
import type { ContainerParts } from './container.ts'

export interface LaunchInput {
  readonly cgroup: Pick<Cgroup, 'procsFiles' | 'views'>
  readonly stdio: ProgramFacts['stdio']
  readonly windowSize: WindowSize | undefined
}

/** What the launch program has to know of this machine, now. */
export function programFacts(parts: ContainerParts, { cgroup, stdio, windowSize }: LaunchInput): ProgramFacts {
  const { record, spec, options } = parts
  const { seccomp } = spec.linux
  const sources = spec.mounts.filter(isBind).map(({ source = '' }) => source)
  return {
    id: record.id,
    parent: process.pid,
    overlay: overlayFacts(parts),
    cgroup,
    directories: new Set(sources.filter((source) => statSync(source, { throwIfNoEntry: false })?.isDirectory())),
    stdio,
    init: options.init ?? false,
    seccompFilter: seccomp === undefined ? undefined : compileSeccomp(seccomp, hostArchitecture()),
    lastCapability: lastCapability(),
    ...(windowSize !== undefined && { windowSize }),
  }
}

/** Layers by short names, so that many fit the page that mount(2) takes. */
function overlayFacts({ store, record, stack }: ContainerParts): OverlayFacts {
  const { rootfs } = store.paths.bundle(record.id)
  const shared = `${store.paths.layers}/sha256`
  const isShared = (path: string) => path.startsWith(`${shared}/`)
  // An image may have no layer, an overlay may not.
  const lowers = stack.lowers.length === 0 ? [rootfs] : stack.lowers
  const short = lowers.map((path) => (isShared(path) ? relative(shared, path) : path))
  const base = lowers.some(isShared) ? shared : rootfs
  return { base, lowers: short, upper: stack.upper, work: stack.work, mountPoint: rootfs }
}
