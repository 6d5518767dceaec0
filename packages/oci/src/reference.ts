import { type Digest, isDigest } from './digest.ts'
import { OciError } from './error.ts'

/** The name of an image at a registry, every default filled in. */
export interface Reference {
  /** Host and port as written; Docker Hub is `docker.io`. */
  readonly registry: string
  /** Path below the registry, `library/` filled in for Docker Hub. */
  readonly repository: string
  /** `latest` unless a tag or a digest is given. */
  readonly tag?: string
  readonly digest?: Digest
}

export const DOCKER_HUB = 'docker.io'

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[\w][\w.-]{0,127}$/
const HOST =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/

/**
 * Reads an image name as docker words it: `debian`, `debian:bookworm-slim`, `ghcr.io/o/i:t`, `localhost:5000/x@sha256:...`.
 * @throws {OciError} `INVALID_REFERENCE`
 * @see https://pkg.go.dev/github.com/distribution/reference the grammar
 */
export function parseReference(text: string): Reference {
  if (/^[0-9a-f]{64}$/.test(text)) throw invalid(text, 'a name of 64 hexadecimal digits is taken for an id')
  const { name, tag, digest } = splitSuffixes(text)
  const { registry, repository } = splitRegistry(name)
  if (!HOST.test(registry)) throw invalid(text, `${JSON.stringify(registry)} is not a host name`)
  if (repository === '') throw invalid(text, 'the name is empty')
  if (repository !== repository.toLowerCase()) throw invalid(text, 'the name must be lower case')
  const wrong = repository.split('/').find((component) => !COMPONENT.test(component))
  if (wrong !== undefined) throw invalid(text, `${JSON.stringify(wrong)} is not a name component`)
  if (repository.length > 255) throw invalid(text, 'the name is longer than 255 characters')
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, `${JSON.stringify(tag)} is not a tag`)
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, `${JSON.stringify(digest)} is not a digest`)
  if (digest !== undefined) return { registry, repository, ...(tag !== undefined && { tag }), digest }
  return { registry, repository, tag: tag ?? 'latest' }
}

/** The whole name: `docker.io/library/debian:latest`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`
}

/** The name as docker prints it: `debian:latest`, `ghcr.io/o/i:t`. */
export function familiarReference(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`
}

/** The name as docker prints it, without tag and digest: `debian`. Docker Hub is named where another registry would be understood. */
export function familiarName({ registry, repository }: Reference): string {
  if (registry !== DOCKER_HUB) return `${registry}/${repository}`
  const official = repository.startsWith('library/') ? repository.slice('library/'.length) : repository
  const familiar = official.includes('/') ? repository : official
  const understood = splitRegistry(familiar)
  const isSame = understood.registry === DOCKER_HUB && understood.repository === repository
  return isSame ? familiar : `${registry}/${familiar}`
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

function splitSuffixes(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.lastIndexOf(':')
  const hasTag = colon > rest.lastIndexOf('/')
  return {
    name: hasTag ? rest.slice(0, colon) : rest,
    ...(hasTag && { tag: rest.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  }
}

/** The first component is a registry when it cannot be a part of a name: it has a dot, a port, an upper-case letter, or is localhost. */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  if (!isHost) return hub(name)
  if (first === 'index.docker.io' || first === DOCKER_HUB) return hub(name.slice(slash + 1))
  return { registry: first, repository: name.slice(slash + 1) }
}

function hub(name: string): { registry: string; repository: string } {
  return { registry: DOCKER_HUB, repository: name.includes('/') || name === '' ? name : `library/${name}` }
}

function invalid(text: string, why: string): OciError {
  return new OciError('INVALID_REFERENCE', `reading image name ${JSON.stringify(text)}: ${why}`)
}
