import { type IdRange, inUserNamespace, readIdMap } from '@gocker/kernel'
import type { RuntimeIdMapping } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { RunOptions } from '../options/container-options.ts'
import type { UserNamespaceRequest } from '../options/user-namespace.ts'
import type { Identity, UserFiles } from '../spec/user.ts'

/** The maps of a container's own user namespace. */
export interface ContainerIds {
  readonly uidMappings: readonly RuntimeIdMapping[]
  readonly gidMappings: readonly RuntimeIdMapping[]
}

/** Beside the users of the image, since its files may be others'. */
const SMALLEST = 1024
/** Who owns what is nobody's, in every Debian: to have it one would need all that are before it. */
const NOBODY = 65_534

/**
 * What a container's ids are outside of it. Those of `auto` begin at 0 here: which they are is decided when it starts.
 * @returns undefined where it has no user namespace of its own
 * @throws {RunError} `UNSUPPORTED`
 */
export function containerIds(request: UserNamespaceRequest | undefined, files: UserFiles, identity: Identity): ContainerIds | undefined {
  if (request === undefined || request.mode === 'host') return undefined
  if (request.mode === 'keep-id') return keptIds()
  if (inUserNamespace())
    throw new RunError('UNSUPPORTED', 'using --userns auto: only root can map the owners of files, which it needs', {
      hint: "an ordinary user's containers have his subordinate ids already: leave it out, or say keep-id",
    })
  const size = request.size ?? Math.max(SMALLEST, identity.uid + 1, identity.gid + 1, ...numbersIn(files).map((id) => id + 1))
  const mappings = [{ containerID: 0, hostID: 0, size }]
  return { uidMappings: mappings, gidMappings: mappings }
}

/** Of users and groups alike. */
function numbersIn({ passwd, group }: UserFiles): number[] {
  const fields = [...passwd.split('\n'), ...group.split('\n')].map((line) => line.split(':'))
  const numbers = fields.flatMap(([, , first, second]) => [first, second]).map((text) => (/^\d+$/.test(text ?? '') ? Number(text) : 0))
  return numbers.filter((id) => id < NOBODY)
}

/** The caller's own ids are the same inside; who else is here makes room for them. */
function keptIds(): ContainerIds {
  if (!inUserNamespace())
    throw new RunError('UNSUPPORTED', "using --userns keep-id: it keeps an ordinary user's id, and this is root", {
      hint: "use --userns auto, which gives the container ids that are nobody else's",
    })
  return { uidMappings: keeping(readIdMap('uid')), gidMappings: keeping(readIdMap('gid')) }
}

/** 0 here is the caller outside. */
function keeping(ranges: readonly IdRange[]): RuntimeIdMapping[] {
  const own = ranges.find(({ inside }) => inside === 0)?.outside ?? 0
  const others = ranges.reduce((next, { inside, size }) => (inside === next ? inside + size : next), 0) - 1
  const before = Math.min(own, others)
  return [
    { containerID: 0, hostID: 1, size: before },
    { containerID: own, hostID: 0, size: 1 },
    { containerID: own + 1, hostID: before + 1, size: others - before },
  ].filter(({ size }) => size > 0)
}

/** The highest group that there is, of those that follow each other from root's on. */
export function lastOf({ gidMappings }: ContainerIds): number {
  const sorted = gidMappings.toSorted((a, b) => a.containerID - b.containerID)
  return sorted.reduce((next, { containerID, size }) => (containerID === next ? next + size : next), 0) - 1
}

/** @throws {RunError} `INVALID_OPTION` for owners that are to be mapped to ids that the container has not */
export function requireOwnIds({ mounts = [], userns }: Pick<RunOptions, 'mounts' | 'userns'>, ids: ContainerIds | undefined): void {
  const mapped = mounts.find((mount) => mount.type === 'bind' && mount.idmap === true)
  if (mapped === undefined || (ids !== undefined && userns?.mode === 'auto')) return
  throw new RunError('INVALID_OPTION', `mounting ${mapped.destination} with idmap: the container has no ids of its own`, {
    hint: 'give it some: --userns auto',
  })
}

/** Who a container's process is with `keep-id`, unless that was said: the caller. */
export function keptUser(): string {
  const own = (kind: 'uid' | 'gid') => readIdMap(kind).find(({ inside }) => inside === 0)?.outside ?? 0
  return `${own('uid')}:${own('gid')}`
}
