import { BuildError } from '../error.ts'

/** Where a build's result goes besides the store. */
export type BuildOutput =
  /** An archive of the image: an OCI layout, or one that is docker's archive at once; or the file system as a tar. Without `dest` stdout. */
  | { readonly type: 'oci' | 'docker' | 'tar'; readonly dest?: string }
  /** The file system in a directory. */
  | { readonly type: 'local'; readonly dest: string }
  /** The registries that its names say. */
  | { readonly type: 'registry' }

/**
 * Reads `type=oci,dest=FILE`, `type=registry`, `DIRECTORY` or `-`.
 * @throws {BuildError} `INVALID_OPTION`
 * @see https://docs.docker.com/reference/cli/docker/buildx/build/#output
 */
export function parseOutput(text: string): BuildOutput {
  if (text === '-') return { type: 'tar' }
  if (!text.includes('=')) return local(text, text)
  const fields = fieldsOf(text)
  if (fields.get('type') === 'registry' || fields.get('type') === 'image') return pushed(text, fields)
  const unknown = [...fields.keys()].find((key) => key !== 'type' && key !== 'dest')
  if (unknown !== undefined) throw refusal(text, `there are type and dest, not ${JSON.stringify(unknown)}`)
  const [type, dest] = [fields.get('type'), fields.get('dest')]
  if (type === 'local') return local(text, dest)
  if (type !== 'oci' && type !== 'docker' && type !== 'tar')
    throw refusal(text, `type is oci, docker, tar, local or registry, not ${JSON.stringify(type ?? '')}`)
  return { type, ...(dest !== undefined && dest !== '' && dest !== '-' && { dest }) }
}

/** As buildx has it: `type=registry` is `type=image,push=true`. */
function pushed(text: string, fields: ReadonlyMap<string, string>): BuildOutput {
  const unknown = [...fields.keys()].find((key) => key !== 'type' && key !== 'push')
  if (unknown !== undefined) throw refusal(text, `there are type and push, not ${JSON.stringify(unknown)}`, 'its names are given by -t')
  if ((fields.get('push') ?? String(fields.get('type') === 'registry')) === 'true') return { type: 'registry' }
  throw refusal(text, 'without push=true there is nothing to write', 'the image is in the store all the same')
}

function local(text: string, dest = ''): BuildOutput {
  if (dest !== '' && dest !== '-') return { type: 'local', dest }
  throw refusal(text, 'a directory has to be named', '--output type=local,dest=DIRECTORY, or --output DIRECTORY')
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').map((field) => {
      const equals = field.indexOf('=')
      if (equals < 0) throw refusal(text, `${JSON.stringify(field)} has no =`)
      return [field.slice(0, equals).trim(), field.slice(equals + 1)] as const
    }),
  )
}

function refusal(text: string, why: string, hint?: string): BuildError {
  return new BuildError('INVALID_OPTION', `reading output ${JSON.stringify(text)}: ${why}`, { hint })
}
