import { writeFileSync } from 'node:fs'
import type { RuntimeSpec } from '@gocker/oci'
import type { BundlePaths } from '@gocker/store'
import { filesOf, writeFiles } from '../files/write.ts'
import { checkNetworkOptions } from '../network/check-options.ts'
import { hostnameFrom, sharedPlaceholder, sharedRecord } from '../network/shared.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import type { PlacedRequest } from '../options/mount-request.ts'
import { UNLIMITED } from '../options/ulimit.ts'
import { LayerView } from '../rootfs/layer-view.ts'
import type { Stack } from '../rootfs/layers.ts'
import { hostnameOf, toRuntimeSpec } from '../spec/runtime-spec.ts'
import { resolveMounts } from '../volumes/resolve.ts'
import { findOut } from './find-out.ts'

export interface BundleInput {
  readonly id: string
  readonly bundle: BundlePaths
  readonly stack: Stack
  readonly mounts: readonly PlacedRequest[]
  readonly options: ContainerOptions
}

/** Makes the files and volumes that a spec names, and writes it. */
export async function makeBundle(input: BundleInput): Promise<RuntimeSpec> {
  const { stack, options } = input
  const layers = options.store.layers.files()
  try {
    return await makeSeeing(new LayerView([stack.upper, ...layers.of(stack.lowers)]), input)
  } finally {
    layers.close()
  }
}

async function makeSeeing(view: LayerView, { id, bundle, stack, mounts: requests, options: asked }: BundleInput): Promise<RuntimeSpec> {
  checkNetworkOptions(asked)
  const { store } = asked
  const shared = await sharedRecord(store, asked.network)
  const options = shared === undefined ? asked : { ...asked, hostname: hostnameFrom(store, shared) }
  const { config } = stack
  const facts = await findOut({ id, stack, options, view })
  const mounts = await resolveMounts(requests, { store: options.store, id, config, view })
  const files = shared === undefined ? writeFiles(bundle, hostnameOf(facts), options) : filesOf(store.paths.bundle(shared.id))
  const network = shared === undefined ? {} : { networkPath: sharedPlaceholder(store, shared) }
  const spec = toRuntimeSpec({ ...facts, ...network, mounts, files })
  writeFileSync(bundle.config, specText(spec))
  return withSecrets(spec, options)
}

/** Only after the spec is on the disk. */
function withSecrets(spec: RuntimeSpec, { secretEnv = [] }: ContainerOptions): RuntimeSpec {
  const names = new Set(secretEnv.map(nameOf))
  const env = spec.process.env.filter((line) => !names.has(nameOf(line)))
  return { ...spec, process: { ...spec.process, env: [...env, ...secretEnv] } }
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf('='))
}

/** No limit is 2^64 - 1, which only a text can say. */
export function specText(spec: RuntimeSpec): string {
  const isUnlimited = spec.process.rlimits?.some(({ hard }) => hard >= UNLIMITED)
  return JSON.stringify(spec, isUnlimited ? (_, value) => (value === UNLIMITED ? rawJSON(`${2n ** 64n - 1n}`) : value) : undefined)
}

// Not in TypeScript's library yet. @see https://github.com/tc39/proposal-json-parse-with-source
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
