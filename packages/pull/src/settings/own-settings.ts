import { LAYER_FORMATS, type LayerFormat } from '../layers/layer-formats.ts'
import { userConfig } from './config-places.ts'
import { readToml, TomlReader } from './toml-file.ts'

/**
 * gocker's own settings, from a TOML file. What a flag or the environment says goes before it.
 *
 *     [registries]
 *     mirrors = ["https://mirror.lan", "ghcr.io=https://proxy.lan/ghcr"]   # as GOCKER_REGISTRY_MIRRORS has them
 *     insecure = ["registry.lan:5000"]                                     # plain http, or certificates that nobody vouches for
 *
 *     [push]
 *     compression = "zstd:9"                                               # gzip or zstd, with :LEVEL
 *
 *     [pull]
 *     discard-blobs = true                                                 # layers are kept unpacked, and not as they travel
 *
 *     [layers]
 *     format = "auto"                                                      # directory, erofs: files that are mounted, or auto: erofs where it can be
 */
export interface OwnSettings {
  readonly mirrors: readonly string[]
  readonly insecure: readonly string[]
  readonly compression?: string | undefined
  readonly layerFormat?: LayerFormat | undefined
  readonly discardBlobs?: boolean | undefined
}

const SYSTEM = '/etc/gocker/gocker.toml'

/**
 * Reads `/etc/gocker/gocker.toml`, and over it `~/.config/gocker/gocker.toml`; the file that `GOCKER_CONFIG` names is the only one.
 * @throws {PullError} `INVALID_OPTION`, for keys that mean nothing, too
 */
export async function ownSettings(environment: NodeJS.ProcessEnv): Promise<OwnSettings> {
  const { GOCKER_CONFIG: named } = environment
  let settings: OwnSettings = { mirrors: [], insecure: [] }
  for (const path of named ? [named] : [SYSTEM, userConfig(environment, 'gocker', 'gocker.toml')]) {
    const table = await readToml(path)
    if (table !== undefined) settings = { ...settings, ...settingsIn(new TomlReader(table, path)) }
  }
  return settings
}

function settingsIn(reader: TomlReader): Partial<OwnSettings> {
  reader.refuseOthers('registries', 'pull', 'push', 'layers')
  const registries = reader.table('registries').refuseOthers('mirrors', 'insecure')
  const [mirrors, insecure] = [registries.texts('mirrors'), registries.texts('insecure')]
  const compression = reader.table('push').refuseOthers('compression').text('compression')
  const layerFormat = reader.table('layers').refuseOthers('format').oneOf('format', LAYER_FORMATS)
  const discardBlobs = reader.table('pull').refuseOthers('discard-blobs').flag('discard-blobs')
  return {
    ...(discardBlobs !== undefined && { discardBlobs }),
    ...(layerFormat !== undefined && { layerFormat }),
    ...(mirrors !== undefined && { mirrors }),
    ...(insecure !== undefined && { insecure }),
    ...(compression !== undefined && { compression }),
  }
}
