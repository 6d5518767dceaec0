import { hasId, hasSingleId, type IdRange, idsText, inUserNamespace, readIdMap } from '@gocker/kernel'
import type { RuntimeIdMapping, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { Identity } from '../spec/user.ts'
import { idsObstacle } from './obstacles.ts'
import { userName } from './user-name.ts'

/** The ids that there are, as a container counts them. */
export interface KnownIds {
  readonly uids: readonly Pick<IdRange, 'inside' | 'size'>[]
  readonly gids: readonly Pick<IdRange, 'inside' | 'size'>[]
}

/** Where a range of subordinate ids may begin that is nobody's on most machines. */
const UNUSED = 1_000_000

/**
 * Sees to it that a container's user and groups are among the ids that there are. An ordinary user has as many as the machine gives him.
 * @param known the container's own, where it has a user namespace of its own
 * @throws {RunError} `UNSUPPORTED`, with the command that gives him more
 */
export function requireMapped({ uid, gid, additionalGids }: Identity, known?: KnownIds): void {
  if (known === undefined && !inUserNamespace()) return
  const { uids, gids } = known ?? { uids: readIdMap('uid'), gids: readIdMap('gid') }
  requireOne('user', uid, uids, known)
  // Groups that the image gives its user are left out where there is one id, since then nobody may change groups.
  const others = known === undefined && hasSingleId() ? [] : additionalGids
  for (const group of [gid, ...others]) requireOne('group', group, gids, known)
}

/** Of a container that has a user namespace of its own. */
export function idsOf({ uidMappings, gidMappings }: Pick<RuntimeSpec['linux'], 'uidMappings' | 'gidMappings'>): KnownIds | undefined {
  const ranges = (mappings: readonly RuntimeIdMapping[]) => mappings.map(({ containerID, size }) => ({ inside: containerID, size }))
  return uidMappings === undefined || gidMappings === undefined ? undefined : { uids: ranges(uidMappings), gids: ranges(gidMappings) }
}

function requireOne(kind: 'user' | 'group', id: number, ranges: KnownIds['uids'], known: KnownIds | undefined): void {
  if (hasId(ranges, id)) return
  const what = `running as ${kind} ${id}: there are only ${kind}s ${idsText(ranges)}`
  if (known !== undefined && !inUserNamespace())
    throw new RunError('UNSUPPORTED', what, { hint: `--userns auto:size=${id + 1} gives it more` })
  throw lackingIds(what, id)
}

function lackingIds(what: string, id: number): RunError {
  const outside = readIdMap('uid').find(({ inside }) => inside === 0)?.outside ?? 0
  const obstacle = idsObstacle(outside)
  if (obstacle !== undefined) return new RunError('UNSUPPORTED', `${what}: ${obstacle.what}`, { hint: obstacle.mend })
  const range = `${UNUSED}-${UNUSED + Math.max(id, 65_535)}`
  const user = userName(outside) ?? `${outside}`
  return new RunError('UNSUPPORTED', `${what}, which is what user ${user} has in /etc/subuid and /etc/subgid`, {
    hint: `sudo usermod --add-subuids ${range} --add-subgids ${range} ${user}, and then end what this user has running`,
  })
}
