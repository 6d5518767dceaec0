import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Store, withLock, writeFileAtomic } from '@gocker/store'
import type { Protocol } from '../options/publish.ts'

/** `<run>/networks/state.json`: what is there on this machine, until it boots again. */
export interface NetworkState {
  /** The link that is a network's bridge, by the network's id. */
  readonly bridges: Record<string, string>
  /** The containers on networks, by their ids. */
  readonly members: Record<string, Member>
  /** The addresses that were given last, by subnet: an address rests for as long as it can before another has it. */
  readonly last: Record<string, string>
}

/** A container that has addresses, or is about to. */
export interface Member extends JoinedNetworks {
  readonly id: string
  readonly name: string
  readonly hostname: string
  /** The process that is starting it: until the container's state says that it runs, it lives for as long as that does. */
  readonly maker: { readonly pid: number; readonly startTime: number | undefined }
}

/** What a container has on networks; JSON. */
export interface JoinedNetworks {
  /** The first has the default route, unless it leads nowhere. */
  readonly endpoints: readonly Endpoint[]
  readonly ports: readonly PublishedPort[]
  /** The container whose network it uses. */
  readonly sharedFrom?: string
}

/** A container's device on a network. */
export interface Endpoint {
  readonly network: string
  /** 64 hex digits. */
  readonly networkId: string
  readonly bridge: string
  /** The host's end of the wire, a port of the bridge. */
  readonly port: string
  /** The container's: `eth0`. */
  readonly device: string
  readonly mac: string
  /** `172.20.0.2/20` */
  readonly address: string
  /** `fd00::2/64` */
  readonly address6?: string
  readonly gateway: string
  readonly gateway6?: string
  readonly internal: boolean
  /** By which others on the network find it, beside its name and short id. */
  readonly aliases: readonly string[]
  readonly mtu?: number
}

/** A port of the machine that leads to a container. */
export interface PublishedPort {
  readonly protocol: Protocol
  /** `0.0.0.0` and `::` are all of the machine's. */
  readonly hostAddress: string
  readonly hostPort: number
  readonly containerPort: number
}

/**
 * Who is on which network just now; some of them may have died.
 * @throws {SyntaxError} of what is no JSON
 */
export function readNetworkState(store: Store): NetworkState {
  try {
    return JSON.parse(readFileSync(store.paths.networkState, 'utf8')) as NetworkState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { bridges: {}, members: {}, last: {} }
    throw error
  }
}

/** Changes it while nobody else does. What `work` has changed is kept even where it fails: it is what is there. */
export async function changeNetworkState<T>(store: Store, work: (state: NetworkState) => Promise<T> | T): Promise<T> {
  return await withLock(store.paths.lock('networks'), 'exclusive', async () => {
    const state = readNetworkState(store)
    const before = JSON.stringify(state)
    try {
      return await work(state)
    } finally {
      const after = JSON.stringify(state)
      if (after !== before) await writeNetworkState(store, after)
    }
  })
}

async function writeNetworkState(store: Store, text: string): Promise<void> {
  mkdirSync(dirname(store.paths.networkState), { recursive: true, mode: 0o700 })
  await writeFileAtomic(store.paths.networkState, text, { sync: false })
}
