/** Which requests a fault meets: those that fit everything that is said. */
export interface FaultMatch {
  readonly method?: string
  /** Of the path, without the query. */
  readonly path?: RegExp
  /** The how-manieth of the requests that fit method and path, from 1; every one when left out. */
  readonly nth?: number | readonly number[]
  /** Where the request arrives; the registry unless said otherwise. `storage` is where redirects lead. */
  readonly server?: 'registry' | 'storage'
}

export type FaultEffect =
  /** An answer without asking the registry. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | Uint8Array
      readonly retryAfter?: { readonly seconds: number; readonly as?: 'seconds' | 'date' }
    }
  /** To the proxy's storage, 307 unless said otherwise. As with a presigned URL, a request that brings an Authorization header along gets 400 there. */
  | { readonly kind: 'redirect'; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** The connection ends instead of an answer. */
  | { readonly kind: 'hang-up' }
  /** The connection ends after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Nothing more comes after so many bytes of the body, and the connection stays. */
  | { readonly kind: 'stall'; readonly after: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** The byte at this offset of the body has all its bits turned. */
  | { readonly kind: 'flip'; readonly at: number }
  /** So many bytes of the body, and a Content-Length that agrees. */
  | { readonly kind: 'truncate'; readonly to: number }
  /** Zeros without end after the body, and no Content-Length. */
  | { readonly kind: 'endless' }
  /** A Content-Length that is wrong by so much; the connection ends after the body. */
  | { readonly kind: 'content-length'; readonly add: number }
  /** The registry does not see the Range header: it answers 200 with everything. */
  | { readonly kind: 'ignore-range' }
  /** Of the answer; names in any case. */
  | {
      readonly kind: 'headers'
      readonly drop?: readonly string[]
      readonly set?: Readonly<Record<string, string>>
      readonly rename?: Readonly<Record<string, string>>
    }

export type Fault = FaultMatch & FaultEffect

/** What comes in, as far as a fault looks at it. */
export interface Arrival {
  readonly server: 'registry' | 'storage'
  readonly method: string
  readonly path: string
}

/** A fault and how many requests have fitted it. */
export interface CountedFault {
  readonly fault: Fault
  fitted: number
}

/** Counts the arrival for every fault it fits, and gives those whose turn it is. */
export function faultsFor(faults: readonly CountedFault[], arrival: Arrival): Fault[] {
  const fitting = faults.filter(({ fault }) => fits(fault, arrival))
  for (const counted of fitting) counted.fitted += 1
  return fitting.filter(({ fault: { nth }, fitted }) => nth === undefined || [nth].flat().includes(fitted)).map(({ fault }) => fault)
}

function fits({ method, path, server = 'registry' }: FaultMatch, arrival: Arrival): boolean {
  const [pathname = ''] = arrival.path.split('?')
  return server === arrival.server && (method ?? arrival.method) === arrival.method && (path === undefined || pathname.search(path) >= 0)
}
