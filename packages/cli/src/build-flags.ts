import { statSync } from 'node:fs'
import { type BuildOptions, parseCacheLocation, type SecretSource } from '@gocker/build'
import type { HostEntry } from '@gocker/run'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { collect } from './option-values.ts'
import type { ProgressStyle } from './terminal/build-progress.ts'

/** The flags of `gocker build`, as commander gives them. */
export interface BuildFlags {
  readonly tag: readonly string[]
  readonly file?: string
  readonly buildArg: readonly string[]
  readonly label: readonly string[]
  readonly cache: boolean
  readonly check?: true
  readonly target?: string
  readonly platform?: string
  readonly output?: string
  readonly push?: true
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly network: 'default' | 'none' | 'host'
  readonly addHost: readonly string[]
  readonly secret: readonly string[]
  readonly ssh: readonly string[]
  readonly pull?: true
  readonly insecure?: true
  readonly timestamp?: string
  readonly sourceDateEpoch?: string
  readonly iidfile?: string
  readonly metadataFile?: string
  readonly progress: ProgressStyle
  readonly quiet?: true
}

/** Adds the flags that say what is built, and how. */
export function addBuildFlags(command: Command): void {
  command
    .option('-t, --tag <name>', 'NAME[:TAG] of the image; may be given several times', collect, [])
    .option('-f, --file <file>', 'the Gockerfile, - for stdin (default: Gockerfile, then Dockerfile in the context)')
    .option('--build-arg <name[=value]>', "an ARG's value; without one it is taken from the environment", collect, [])
    .option('--label <name=value>', 'one more label', collect, [])
    .option('--check', 'say what in the Gockerfile is likely not meant, and build nothing; ends with 1 where there is something')
    .option('--no-cache', 'run every step, whatever is known of it')
    .option('--cache-from <where>', 'steps that other machines have kept: type=local,src=DIR, type=registry,ref=NAME, or NAME', collect, [])
    .option('--cache-to <where>', 'keep the steps for other machines: type=local,dest=DIR or type=registry,ref=NAME', collect, [])
    .option('--target <stage>', 'the stage to build (default: the last)')
    .option('--platform <os/arch[/variant]>', 'the platform to build for; several with commas between, with --push or --output type=oci')
    .option('-o, --output <where>', 'write the image, too: type=oci|docker|tar|local[,dest=PATH]; a directory, or - for a tar on stdout')
    .addOption(new Option('--push', 'push the image to the registries that its names say: --output type=registry').conflicts('output'))
    .addOption(new Option('--network <mode>', 'network of RUN').choices(['default', 'none', 'host']).default('default'))
    .option('--add-host <name:ip>', 'a line in /etc/hosts of RUN', collect, [])
    .option('--secret <id=name,...>', 'what RUN --mount=type=secret may ask for: id=NAME[,src=FILE|,env=NAME]', collect, [])
    .option('--ssh <id[=socket]>', 'an SSH agent that RUN --mount=type=ssh may ask for; default: the one of $SSH_AUTH_SOCK', collect, [])
    .option('--pull', 'ask the registry for the base images even where they are here')
    .option('--insecure', 'allow plain http and certificates that cannot be verified for registries')
    .option('--timestamp <seconds>', 'nothing in the image is younger, in seconds since 1970 (default: $SOURCE_DATE_EPOCH)')
    .addOption(new Option('--source-date-epoch <seconds>').hideHelp())
    .option('--iidfile <file>', "write the image's id to a file")
    .option('--metadata-file <file>', "write the image's digests to a file, as JSON")
    .addOption(new Option('--progress <style>', 'how to show what is done').choices(['auto', 'plain', 'json', 'quiet']).default('auto'))
    .option('-q, --quiet', "print the image's id alone")
}

/**
 * Reads the flags' texts.
 * @throws {InvalidArgumentError}, {RunError} `INVALID_OPTION`
 */
export async function buildOptions(context: string, flags: BuildFlags): Promise<Omit<BuildOptions, 'store'>> {
  const { tag, file, buildArg, label, cache, cacheFrom, cacheTo, target, platform, network, addHost, secret, ssh, pull, insecure } = flags
  const epoch = sourceDateEpoch(flags)
  return {
    context,
    tags: tag,
    buildArgs: Object.fromEntries(buildArg.flatMap(buildArgument)),
    labels: Object.fromEntries(label.map(pair)),
    noCache: !cache,
    cacheFrom: cacheFrom.map((text) => parseCacheLocation(text, 'from')),
    cacheTo: cacheTo.map((text) => parseCacheLocation(text, 'to')),
    ...(network !== 'default' && { network }),
    addHosts: await hostEntries(addHost),
    secrets: Object.fromEntries(secret.map(parseSecret)),
    ssh: Object.fromEntries(ssh.map(parseAgent)),
    ...((context === '-' || file === '-') && { input: process.stdin }),
    ...(file !== undefined && { file }),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    ...(pull !== undefined && { pull }),
    ...(insecure !== undefined && { insecure }),
    ...(epoch !== undefined && { sourceDateEpoch: epoch }),
  }
}

/** Loaded here: few builds need it, and what reads addresses takes its time. */
async function hostEntries(texts: readonly string[]): Promise<readonly HostEntry[]> {
  if (texts.length === 0) return []
  const { parseAddHost } = await import('@gocker/run')
  return texts.map(parseAddHost)
}

function buildArgument(text: string): [name: string, value: string][] {
  if (text.includes('=')) return [pair(text)]
  const value = process.env[text]
  return value === undefined ? [] : [[text, value]]
}

function pair(text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}

const SECRET_KEYS: Readonly<Record<string, string>> = { id: 'id', src: 'src', source: 'src', env: 'env', type: 'type' }

/**
 * `id=npm,src=.npmrc`, `id=token,env=TOKEN`; with an id alone, the variable of that name, else the file.
 * @see https://docs.docker.com/reference/cli/docker/buildx/build/#secret
 */
function parseSecret(text: string): [id: string, source: SecretSource] {
  const fields = new Map(
    text.split(',').map((field) => {
      const [key, value] = pair(field)
      const name = SECRET_KEYS[key.toLowerCase()]
      if (name === undefined)
        throw new InvalidArgumentError(`--secret ${JSON.stringify(text)}: there are id, src, env and type, not ${JSON.stringify(key)}`)
      return [name, value] as const
    }),
  )
  const [id, src, type] = [fields.get('id'), fields.get('src'), fields.get('type')]
  if (id === undefined || id === '') throw new InvalidArgumentError(`--secret ${JSON.stringify(text)} has no id`)
  const isVariable = type === 'env' || fields.has('env') || (type !== 'file' && src === undefined && process.env[id] !== undefined)
  return [id, isVariable ? { value: variable(fields.get('env') ?? src ?? id) } : { file: src ?? id }]
}

function variable(name: string): string {
  const value = process.env[name]
  if (value !== undefined) return value
  throw new InvalidArgumentError(`--secret: there is no variable ${name}`)
}

/** `default`, or `id=socket`. @see https://docs.docker.com/reference/cli/docker/buildx/build/#ssh */
function parseAgent(text: string): [id: string, socket: string] {
  const [id, given] = pair(text)
  const socket = given || process.env.SSH_AUTH_SOCK
  if (socket === undefined || socket === '')
    throw new InvalidArgumentError(`--ssh ${text}: SSH_AUTH_SOCK names no agent: start one, or write ${id}=SOCKET`)
  const stats = statSync(socket, { throwIfNoEntry: false })
  if (stats?.isSocket() === true) return [id || 'default', socket]
  const why =
    stats === undefined ? 'is not there' : 'is no socket of an agent: keys themselves are not read, add them to an agent with ssh-add'
  throw new InvalidArgumentError(`--ssh ${id}: ${socket} ${why}`)
}

/** @see https://reproducible-builds.org/specs/source-date-epoch/ */
function sourceDateEpoch({ timestamp, sourceDateEpoch }: BuildFlags): number | undefined {
  const [name, text] =
    timestamp === undefined
      ? sourceDateEpoch === undefined
        ? ['SOURCE_DATE_EPOCH', process.env.SOURCE_DATE_EPOCH]
        : ['--source-date-epoch', sourceDateEpoch]
      : ['--timestamp', timestamp]
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`${name} is ${JSON.stringify(text)}, not seconds since 1970`)
}
