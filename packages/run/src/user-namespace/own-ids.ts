import { inUserNamespace, type LaunchProgram } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { ContainerParts } from '../life/container.ts'
import type { Plumbing } from '../life/launch-container.ts'
import type { ProgramFacts } from '../program/plan.ts'

/** What a container gets at its start that has ids of its own. */
export interface OwnIds {
  readonly spec: RuntimeSpec
  readonly facts: Pick<ProgramFacts, 'mountsGiven' | 'rootGiven' | 'images'>
  descriptors(program: LaunchProgram): Readonly<Record<string, number>>
  giveStdio(plumbing: Pick<Plumbing, 'kinds' | 'sources'>): void
  close(): void
}

/**
 * Leases ids, and opens the files as theirs.
 * @returns undefined for a container that has the ids of gocker, or whose ids are known before
 * @throws {RunError} `UNSUPPORTED`
 */
export async function takeOwnIds(parts: ContainerParts, spec: RuntimeSpec): Promise<OwnIds | undefined> {
  const { uidMappings: [range] = [] } = spec.linux
  if (range === undefined || inUserNamespace() || parts.options.userns?.mode !== 'auto') return undefined
  const [{ leaseIds }, { openMappedFiles }, { giveStdio }] = await Promise.all([
    import('./leases.ts'),
    import('./mapped-files.ts'),
    import('./give-stdio.ts'),
  ])
  const first = await leaseIds(parts.store, parts.record.id, range.size)
  const mappings = [{ ...range, hostID: first }]
  const mapped = { ...spec, linux: { ...spec.linux, uidMappings: mappings, gidMappings: mappings } }
  const files = await openMappedFiles(parts, mapped)
  return {
    spec: mapped,
    facts: { mountsGiven: files.mounts.names, rootGiven: true, images: [] },
    descriptors: (program) => files.descriptors(program),
    giveStdio: (plumbing) => giveStdio(plumbing, mapped),
    close: () => files.close(),
  }
}
