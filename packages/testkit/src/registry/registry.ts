import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Certificate } from '../certificate.ts'
import { makeTemporaryDirectory, removeTree } from '../temporary-directory.ts'
import { killTied, spawnTied } from '../tied-process.ts'
import { type RegistryAuth, registryConfig } from './config.ts'

export interface RegistryOptions {
  /** Left out: everybody may do everything. */
  readonly auth?: RegistryAuth
  /** Serves https with this certificate; made by `makeAuthority`. */
  readonly tls?: Certificate
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
}

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as it stands in an image's name. */
  readonly host: string
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string
  /** Where it keeps its files: `docker/registry/v2/{blobs,repositories}` below it. */
  readonly root: string
  /** What it has logged until now. */
  log(): string
  /** Kills it and removes its files. */
  stop(): Promise<void>
}

/**
 * Starts Debian's docker-registry on 127.0.0.1 with an empty storage of its own. It dies with this process.
 * @throws with the registry's log when it does not come up.
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const directory = makeTemporaryDirectory()
  const root = join(directory, 'storage')
  const logFile = join(directory, 'log')
  mkdirSync(root)
  const child = spawnRegistry(writeConfig(directory, root, options), logFile)
  const log = () => readFileSync(logFile, 'utf8')
  const stop = async () => {
    await killTied(child)
    removeTree(directory)
  }
  try {
    const host = await listening(child, log)
    return { host, url: `${options.tls === undefined ? 'http' : 'https'}://${host}`, root, log, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Its configuration is YAML, and JSON is YAML. */
function writeConfig(directory: string, root: string, options: RegistryOptions): string {
  const file = join(directory, 'config.yml')
  writeFileSync(file, JSON.stringify(registryConfig(directory, { root, ...options })))
  return file
}

/** The log goes to a file: a pipe would fill up, and hold the registry, while a test waits for a program synchronously. */
function spawnRegistry(config: string, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a')
  try {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REGISTRY_')))
    return spawnTied(['docker-registry', 'serve', config], { stdio: ['ignore', log, log], env: { ...env, OTEL_TRACES_EXPORTER: 'none' } })
  } finally {
    closeSync(log)
  }
}

/** The registry takes a free port by itself and says in its log which one: it listens already by then. */
async function listening(child: ChildProcess, log: () => string): Promise<string> {
  for (;;) {
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(log())?.[1]
    if (host !== undefined) return host
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`starting docker-registry: it ended: ${log()}`)
    await delay(5)
  }
}
