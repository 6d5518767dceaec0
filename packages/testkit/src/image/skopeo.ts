import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ImageLayout } from './layout.ts'

export interface CopyOptions {
  /** `name:password`. */
  readonly creds?: string
  /** Converts the manifest; left out, manifest and blobs stay as they are, byte for byte. */
  readonly format?: 'v2s2' | 'oci'
  /** Every platform of an index; only the one of this machine without it. */
  readonly all?: boolean
}

/**
 * Pushes an image of a layout with skopeo, over http or any https. skopeo finds no images of docker's media types in a layout: make
 * an OCI one and say `format: 'v2s2'`, or take `pushLayout`.
 * @param layout `DIRECTORY` or `DIRECTORY:TAG`, or what `imageLayout` gave
 * @param destination `host:port/name:tag`
 * @throws with skopeo's words.
 */
export async function pushWithSkopeo(layout: string | ImageLayout, destination: string, options: CopyOptions = {}): Promise<void> {
  const source = typeof layout === 'string' ? layout : `${layout.directory}:${layout.tag}`
  await copy([`oci:${source}`, `docker://${destination}`], 'dest', options)
}

/** As `pushWithSkopeo`, the other way round. */
export async function pullWithSkopeo(source: string, layout: string, options: CopyOptions = {}): Promise<void> {
  await copy([`docker://${source}`, `oci:${layout}`], 'src', options)
}

/** Says what skopeo makes of an image, by `skopeo inspect`. @param name with its transport: `docker://…`, `oci:…` */
export async function inspectWithSkopeo(name: string, ...flags: string[]): Promise<Record<string, unknown>> {
  const tls = name.startsWith('docker:') ? ['--tls-verify=false'] : []
  return JSON.parse(await skopeo(['inspect', ...tls, ...flags, name]))
}

async function copy(names: readonly [source: string, destination: string], side: 'src' | 'dest', options: CopyOptions): Promise<void> {
  const { creds, format, all = false } = options
  const login = creds === undefined ? [`--${side}-no-creds`] : [`--${side}-creds`, creds]
  const form = format === undefined ? ['--preserve-digests'] : ['--format', format]
  await skopeo(['copy', '--quiet', `--${side}-tls-verify=false`, ...login, ...form, ...(all ? ['--all'] : []), ...names])
}

/** Neither the policy of this machine nor a proxy shall play a part. */
async function skopeo(args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)))
  const { stdout } = await promisify(execFile)('skopeo', ['--insecure-policy', ...args], { env, maxBuffer: 1 << 26 })
  return stdout
}
