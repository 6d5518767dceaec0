import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Store } from '@gocker/store'
import { resolvesNames } from './definitions.ts'
import type { Endpoint, Member, NetworkState } from './state.ts'

const BEGIN = '# names on its networks, kept by gocker\n'
const END = '# end of names kept by gocker\n'
/** A container may write to its file, and fill it with anything. */
const LARGEST = 1_000_000

/**
 * Tells containers of who is on their networks, by their /etc/hosts: those that are on one of `networks` with names.
 * @param networks ids
 */
export function tellNames(store: Store, state: NetworkState, networks: readonly string[]): void {
  for (const member of Object.values(state.members))
    if (member.endpoints.some((endpoint) => resolvesNames(endpoint) && networks.includes(endpoint.networkId)))
      tellMember(store, state, member)
}

/** @see hosts(5) */
export function tellMember(store: Store, state: NetworkState, member: Member): void {
  const file = store.paths.bundle(member.id).hosts
  const block = namesBlock(state, member)
  changeInPlace(file, (text) => withBlock(text, block))
}

/** The lines about a container itself, and those about others on its networks. */
export function namesBlock(state: NetworkState, member: Member): string {
  const own = member.endpoints.flatMap((endpoint) => lines(endpoint, [member.hostname]))
  const others = member.endpoints.filter(resolvesNames).flatMap(({ networkId }) => othersOn(state, networkId))
  return [BEGIN, ...own, ...others, END].join('')
}

/** What a text was before the names, with other names. */
export function withBlock(text: string, block: string): string {
  const start = text.indexOf(BEGIN)
  const end = text.indexOf(END, start)
  if (start < 0 || end < 0) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block}`
  return `${text.slice(0, start)}${block}${text.slice(end + END.length)}`
}

function othersOn({ members }: NetworkState, networkId: string): string[] {
  return Object.values(members).flatMap(({ id, name, endpoints }) =>
    endpoints.flatMap((endpoint) =>
      endpoint.networkId === networkId ? lines(endpoint, [name, id.slice(0, 12), ...endpoint.aliases]) : [],
    ),
  )
}

function lines({ address, address6 }: Endpoint, names: readonly string[]): string[] {
  const known = [...new Set(names)].join(' ')
  return [address, address6].flatMap((own) => (own === undefined ? [] : [`${own.split('/')[0]}\t${known}\n`]))
}

/** The same file, since it is mounted; one write, so that whoever reads sees the old text or the new one. */
function changeInPlace(file: string, change: (text: string) => string): void {
  const fd = openThere(file)
  if (fd === undefined) return
  try {
    const bytes = readFileSync(fd)
    if (bytes.byteLength > LARGEST) return
    const before = bytes.toString()
    const after = change(before)
    if (after === before) return
    const written = Buffer.from(after)
    writeSync(fd, written, 0, written.byteLength, 0)
    ftruncateSync(fd, written.byteLength)
  } finally {
    closeSync(fd)
  }
}

function openThere(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDWR | constants.O_NOFOLLOW)
  } catch (error) {
    // The container is being removed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
