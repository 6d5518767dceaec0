import type { ContainerConfig, RuntimeSpec } from '@gocker/oci'
import type { ContainerRecord } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import type { RunOptions } from '../options/container-options.ts'
import { splitKeyValue } from '../options/key-value.ts'
import type { ExposedPort } from '../options/port.ts'

/**
 * What an image's config becomes with what its container was asked to be over it: the config of the image that is made of the container.
 * @param spec of the container: what a variable came to that was asked for without a value
 * @see https://docs.docker.com/reference/cli/docker/container/commit/
 */
export function effectiveConfig(config: ContainerConfig, record: ContainerRecord, spec: RuntimeSpec): ContainerConfig {
  const settings = readSettings(record)
  const { Entrypoint: _, Cmd: __, ...rest } = config
  const { user, workdir, stopSignal } = settings
  const env = variables(config.Env ?? [], settings.env ?? [], spec.process.env)
  const ports = Object.fromEntries((settings.expose ?? []).flatMap(portNames).map((name) => [name, {}]))
  return {
    ...rest,
    ...commands(config, settings),
    ...(env.length > 0 && { Env: env }),
    ...filled('ExposedPorts', { ...config.ExposedPorts, ...ports }),
    ...filled('Volumes', { ...config.Volumes, ...anonymousVolumes(settings) }),
    ...filled('Labels', { ...config.Labels, ...record.labels }),
    ...(user !== undefined && { User: user }),
    ...(workdir !== undefined && { WorkingDir: workdir }),
    ...(stopSignal !== undefined && { StopSignal: stopSignal }),
  }
}

/** An entrypoint that was asked for takes the image's command away. */
function commands({ Entrypoint, Cmd }: ContainerConfig, { entrypoint, command }: RunOptions): Pick<ContainerConfig, 'Entrypoint' | 'Cmd'> {
  const own = typeof entrypoint === 'string' ? [entrypoint].filter((word) => word !== '') : entrypoint
  const given = command !== undefined && command.length > 0 ? command : undefined
  const first = own ?? Entrypoint ?? []
  const words = given ?? (own === undefined ? Cmd : undefined) ?? []
  return { ...(first.length > 0 && { Entrypoint: first }), ...(words.length > 0 && { Cmd: words }) }
}

function variables(image: readonly string[], asked: readonly string[], resolved: readonly string[]): string[] {
  const known = new Map(resolved.map((line) => [splitKeyValue(line).key, line]))
  const lines = new Map(image.map((line) => [splitKeyValue(line).key, line]))
  for (const text of asked) {
    const { key, value } = splitKeyValue(text)
    const line = value === undefined ? known.get(key) : text
    if (line === undefined) lines.delete(key)
    else lines.set(key, line)
  }
  return [...lines.values()]
}

function portNames({ first, last, protocol }: ExposedPort): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`)
}

function anonymousVolumes({ mounts = [] }: RunOptions): Record<string, Record<string, never>> {
  const anonymous = mounts.filter((mount) => mount.type === 'volume' && mount.name === undefined)
  return Object.fromEntries(anonymous.map(({ destination }) => [destination, {}]))
}

/** What has nothing in it is left out. */
function filled<Key extends 'ExposedPorts' | 'Volumes' | 'Labels', Value extends object>(
  key: Key,
  value: Value,
): Partial<Record<Key, Value>> {
  return Object.keys(value).length === 0 ? {} : ({ [key]: value } as Record<Key, Value>)
}
