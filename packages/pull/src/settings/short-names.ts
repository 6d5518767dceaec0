import { DOCKER_HUB, parseReference } from '@gocker/oci'
import { PullError } from '../error.ts'
import { containersFiles } from './containers-files.ts'

const ABSENCE = ['NOT_FOUND', 'DENIED', 'UNAUTHORIZED']

/**
 * For `catch` of a fetch: a name without a registry is Docker Hub's, as with docker. Where Docker Hub has no such image for us, and containers'
 * settings mean another by that name, the hint says which: it is never taken by itself, since anybody may have it elsewhere.
 * @see https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
 */
export function hintingShortName(text: string, environment: NodeJS.ProcessEnv = process.env): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(error instanceof PullError) || !ABSENCE.includes(error.code) || !isShort(text)) throw error
    const others = await meantElsewhere(text, environment)
    if (others.length === 0) throw error
    const hint = `a name without a registry is Docker Hub's; registries.conf has it elsewhere: ${others.join(', ')}`
    throw new PullError(error.code, error.message, { cause: error, hint })
  }
}

function isShort(text: string): boolean {
  const { registry } = parseReference(text)
  return registry === DOCKER_HUB && !/^(?:index\.)?docker\.io\//.test(text)
}

async function meantElsewhere(text: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const [, name = '', rest = ''] = /^([^:@]+)(.*)$/.exec(text) ?? []
  let alias: string | undefined
  let registries: readonly string[] = []
  for (const { reader } of await containersFiles(environment)) {
    alias = reader.table('aliases').text(name) ?? alias
    registries = reader.texts('unqualified-search-registries') ?? registries
  }
  const places = alias !== undefined && alias !== '' ? [alias] : registries.map((registry) => `${registry}/${name}`)
  return places.filter((place) => !place.startsWith(`${DOCKER_HUB}/`)).map((place) => `${place}${rest}`)
}
