import type { FuzzTarget } from '../engine/target.ts'

/** Each is loaded by the thread that needs it. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  reference: async () => (await import('./reference.ts')).reference,
  platform: async () => (await import('./reference.ts')).platform,
  manifest: async () => (await import('./manifest.ts')).manifest,
  'image-config': async () => (await import('./image-config.ts')).imageConfig,
  'runtime-spec': async () => (await import('./runtime-spec.ts')).runtimeSpec,
  gockerfile: async () => (await import('./gockerfile.ts')).gockerfile,
  expansion: async () => (await import('./gockerfile.ts')).expansion,
  netlink: async () => (await import('./netlink.ts')).netlink,
  tar: async () => (await import('./tar.ts')).tar,
  unpack: async () => (await import('./unpack.ts')).unpack,
}
