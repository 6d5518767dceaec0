import { splitKeyValue } from '../options/key-value.ts'

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface EnvironmentSources {
  readonly image: readonly string[]
  /** `NAME` alone takes the caller's value, or takes the variable away. */
  readonly asked: readonly string[]
  readonly caller: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  readonly home: string
  readonly tty: boolean
}

/** The container's variables: docker's own, over them the image's, over them those that were asked for. */
export function environment({ image, asked, caller, hostname, home, tty }: EnvironmentSources): string[] {
  const variables = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', hostname],
  ])
  if (tty) variables.set('TERM', 'xterm')
  for (const { key, value } of image.map(splitKeyValue)) variables.set(key, value ?? '')
  for (const { key, value = caller[key] } of asked.map(splitKeyValue)) {
    if (value === undefined) variables.delete(key)
    else variables.set(key, value)
  }
  if (!variables.get('HOME')) variables.set('HOME', home)
  return [...variables].map(([key, value]) => `${key}=${value}`)
}
