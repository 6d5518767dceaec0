/** A source of ADD that is no path. */
export type RemoteSource = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'git'; readonly git: GitSource }

export interface GitSource {
  readonly remote: string
  /** A branch, a tag or a commit; the default branch without it. */
  readonly ref?: string
  /** What is copied of the repository. */
  readonly directory: string
  /** The commit, or its beginning, that the ref must be at. */
  readonly checksum?: string
  readonly keepGitDir?: boolean
  readonly submodules: boolean
}

/**
 * Tells what is no path: a URL, or a repository (`https://host/path.git`, `git@host:path`, `ssh://`, `git://`), with `#ref:directory` behind it.
 * @returns `undefined` for a path
 * @throws {Error} for a repository whose query is not understood
 * @see https://docs.docker.com/build/concepts/context/#url-queries
 */
export function remoteSource(source: string): RemoteSource | undefined {
  const [, address = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(source) ?? []
  const isHttp = /^https?:\/\//i.test(address)
  const isGit = isHttp ? /\.git$/.test(address) : /^(?:ssh|git):\/\/|^[\w.-]+@[\w.-]+:/i.test(address)
  if (isGit) return { kind: 'git', git: gitSource(address, new URLSearchParams(query), fragment) }
  return isHttp ? { kind: 'url', url: source } : undefined
}

/** A URL for people: without the name and the password that may be in it. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')
}

const QUERIES = ['ref', 'tag', 'branch', 'subdir', 'checksum', 'commit', 'keep-git-dir', 'submodules']

function gitSource(remote: string, query: URLSearchParams, fragment: string): GitSource {
  const unknown = [...query.keys()].find((name) => !QUERIES.includes(name))
  if (unknown !== undefined) throw new Error(`?${unknown}= is not known of a repository: there are ${QUERIES.join(', ')}`)
  const colon = fragment.indexOf(':')
  const [written, below] = colon < 0 ? [fragment, ''] : [fragment.slice(0, colon), fragment.slice(colon + 1)]
  const [tag, branch] = [query.get('tag'), query.get('branch')]
  const ref = query.get('ref') ?? (tag === null ? undefined : `refs/tags/${tag}`) ?? (branch === null ? written : `refs/heads/${branch}`)
  const checksum = query.get('checksum') ?? query.get('commit')
  const keepGitDir = switchOf(query, 'keep-git-dir')
  return {
    remote,
    ...(ref !== '' && { ref }),
    directory: query.get('subdir') ?? below,
    ...(checksum !== null && { checksum }),
    ...(keepGitDir !== undefined && { keepGitDir }),
    submodules: switchOf(query, 'submodules') ?? true,
  }
}

function switchOf(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (['', 'true', '1'].includes(value)) return true
  if (['false', '0'].includes(value)) return false
  throw new Error(`?${name}=${value} is neither true nor false`)
}
