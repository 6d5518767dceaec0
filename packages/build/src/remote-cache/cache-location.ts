import { OciError, parseReference } from '@gocker/oci'
import { BuildError } from '../error.ts'

/** Where the results of steps are kept for other machines. */
export type CacheLocation =
  /** An OCI image layout. */
  | { readonly type: 'local'; readonly directory: string }
  /** A name in a registry, of its own: no image is kept under it. */
  | { readonly type: 'registry'; readonly reference: string }

/** The directory's key differs by the way that things go. */
const DIRECTORY_KEYS = { to: 'dest', from: 'src' } as const

/**
 * Reads `type=local,dest=DIR` (`src=DIR` where it is read), `type=registry,ref=NAME`, or a name alone.
 * @throws {BuildError} `INVALID_OPTION`
 * @see https://docs.docker.com/build/cache/backends/
 */
export function parseCacheLocation(text: string, way: 'to' | 'from'): CacheLocation {
  const fields = text.includes('=')
    ? fieldsOf(text)
    : new Map([
        ['type', 'registry'],
        ['ref', text],
      ])
  const key = DIRECTORY_KEYS[way]
  const allowed = new Map([
    ['local', ['type', 'mode', key]],
    ['registry', ['type', 'mode', 'ref']],
  ]).get(fields.get('type') ?? '')
  if (allowed === undefined) throw refusal(text, `type is local or registry, not ${JSON.stringify(fields.get('type') ?? '')}`)
  const unknown = [...fields.keys()].find((name) => !allowed.includes(name))
  if (unknown !== undefined) throw refusal(text, `there are ${allowed.join(', ')}, not ${JSON.stringify(unknown)}`)
  const [directory, reference] = [fields.get(key), fields.get('ref')]
  if (directory !== undefined && directory !== '') return { type: 'local', directory }
  if (reference !== undefined && reference !== '') return { type: 'registry', reference: checked(text, reference) }
  throw refusal(text, `${fields.get('type') === 'local' ? key : 'ref'} is missing`)
}

/** How messages call it. */
export function nameOf(location: CacheLocation): string {
  return location.type === 'local' ? location.directory : location.reference
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(
    text.split(',').map((field) => {
      const equals = field.indexOf('=')
      if (equals < 0) throw refusal(text, `${JSON.stringify(field)} has no =`)
      return [field.slice(0, equals).trim(), field.slice(equals + 1)] as const
    }),
  )
}

function checked(text: string, reference: string): string {
  try {
    parseReference(reference)
    return reference
  } catch (cause) {
    if (cause instanceof OciError) throw refusal(text, cause.message)
    throw cause
  }
}

function refusal(text: string, why: string): BuildError {
  return new BuildError('INVALID_OPTION', `reading cache ${JSON.stringify(text)}: ${why}`)
}
