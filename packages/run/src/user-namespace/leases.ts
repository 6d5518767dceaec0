import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { processStartTime } from '@gocker/kernel'
import { isAlive, type ProcessIdentity, type Store, withLock, writeFileAtomic } from '@gocker/store'
import { RunError } from '../error.ts'

/** A run of ids that a container has for itself, as long as it lives. */
interface Lease {
  readonly first: number
  readonly size: number
  /** Who is starting it. */
  readonly maker: ProcessIdentity
}

type Leases = Record<string, Lease>

/** Whom the machine gives ids for this, in /etc/subuid and /etc/subgid: the same name as podman's. */
const OWNER = 'containers'
/** Where nobody has that name: above all that adduser(8) and systemd give. */
const UNCLAIMED = { first: 2 ** 31, size: 2 ** 30 }

/**
 * Takes ids that no other running container has. They are given back by nobody: whoever takes some looks who is still alive.
 * @returns the first
 * @throws {RunError} `UNSUPPORTED` where all are taken
 * @see subuid(5)
 */
export async function leaseIds(store: Store, id: string, size: number): Promise<number> {
  return await withLock(store.paths.lock('user-namespaces'), 'exclusive', async () => {
    const file = store.paths.userNamespaces
    const leases = await livingLeases(store, read(file))
    delete leases[id]
    const first = firstFree(Object.values(leases), size)
    leases[id] = { first, size, maker: { pid: process.pid, startTime: processStartTime(process.pid) ?? 0 } }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    await writeFileAtomic(file, JSON.stringify(leases), { sync: false })
    return first
  })
}

async function livingLeases(store: Store, leases: Leases): Promise<Leases> {
  const entries = await Promise.all(Object.entries(leases).map(async (entry) => ((await isTaken(store, ...entry)) ? [entry] : [])))
  return Object.fromEntries(entries.flat())
}

async function isTaken(store: Store, id: string, { maker }: Lease): Promise<boolean> {
  if (isAlive(maker)) return true
  const state = await store.containers.readState(id)
  return state !== undefined && isAlive(state)
}

function firstFree(leases: readonly Lease[], size: number): number {
  const range = ownRange()
  let next = range.first
  for (const lease of leases.toSorted((a, b) => a.first - b.first)) {
    if (next + size <= lease.first) break
    next = Math.max(next, lease.first + lease.size)
  }
  if (next + size <= range.first + range.size) return next
  throw new RunError('UNSUPPORTED', `taking ${size} ids for a container: those from ${range.first} on, ${range.size} of them, are taken`, {
    hint: `give more to user ${OWNER} in /etc/subuid and /etc/subgid, or ask for fewer: --userns auto:size=1024`,
  })
}

/** What both files give, as users and groups are mapped alike. */
function ownRange(): { first: number; size: number } {
  const [users, groups] = ['/etc/subuid', '/etc/subgid'].map(rangeIn)
  if (users === undefined || groups === undefined) return UNCLAIMED
  const first = Math.max(users.first, groups.first)
  const end = Math.min(users.first + users.size, groups.first + groups.size)
  return { first, size: Math.max(0, end - first) }
}

function rangeIn(file: string): { first: number; size: number } | undefined {
  const line = text(file)
    .split('\n')
    .map((each) => each.split(':'))
    .find(([owner]) => owner === OWNER)
  const [, first, size] = (line ?? []).map(Number)
  return first === undefined || size === undefined || Number.isNaN(first + size) ? undefined : { first, size }
}

function read(file: string): Leases {
  const content = text(file)
  return content === '' ? {} : (JSON.parse(content) as Leases)
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
