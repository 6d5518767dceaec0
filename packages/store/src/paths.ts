import { type Digest, digestAlgorithm, digestHex } from '@gocker/oci'
import { StoreError } from './error.ts'
import { IMAGE_SUFFIX } from './layer-images.ts'

/**
 * Every name below the store's two directories; nothing else in gocker puts such a name together.
 *
 *     <root>/oci-layout, index.json, blobs/<algorithm>/<hex>     a valid OCI image layout
 *     <root>/layers/<algorithm>/<hex>/                           a layer, unpacked; <hex>.json beside it says its size
 *     <root>/layers/<algorithm>/<hex>.erofs                      a layer that is an image: then <hex>/ is empty, and where it is mounted
 *     <root>/containers/<id>/                                    an OCI bundle
 *     <root>/names/<name> -> ../containers/<id>                  a container's name
 *     <root>/volumes/<name>/, .<name>.json, <root>/cache/build/<key>.json, <root>/cache/mounts/<key>/, <root>/cache/files/<key>.json
 *     <root>/cache/compressed/<hex>-<way>.json                   what a layer came to when it was compressed
 *     <root>/networks/<name>.json, <run>/networks/state.json      what networks are; their bridges, and who has which address
 *     <root>/locks/<name>.lock, <root>/tmp/                      who works, and what is not whole yet
 *     <run>/<id>/state.json, <run>/events.log                    what does not outlive a reboot
 */
export interface StorePaths {
  readonly root: string
  readonly run: string
  readonly ociLayout: string
  readonly index: string
  readonly blobs: string
  readonly layers: string
  readonly containers: string
  readonly names: string
  readonly volumes: string
  /** What networks are. */
  readonly networks: string
  /** Which bridges there are, and who has which address. */
  readonly networkState: string
  /** Which ids running containers have for themselves. */
  readonly userNamespaces: string
  readonly buildCaches: string
  /** What compressed layers came to. */
  readonly compressedLayers: string
  /** Of what is known of the files of builds' contexts. */
  readonly fileDigestCaches: string
  /** Of builds' cache mounts. */
  readonly cacheMounts: string
  readonly locks: string
  readonly temporary: string
  blob(digest: Digest): string
  /** Where the bytes of a blob are that has not arrived whole. */
  partialBlob(digest: Digest): string
  /** The directory that serves as an overlay lower directory. */
  layer(diffID: Digest): string
  layerFacts(diffID: Digest): string
  /** The layer's tree, where it is in a file. */
  layerImage(diffID: Digest): string
  containerDir(id: string): string
  bundle(id: string): BundlePaths
  containerName(name: string): string
  volume(name: string): string
  /** What is known of a volume beside what is in it. */
  volumeFacts(name: string): string
  network(name: string): string
  /** A JSON document; the digests in its `layers` and `blobs` (lists, both optional) are kept from the garbage collection. */
  buildCache(key: string): string
  /** What a plain layer came to when it was compressed in a certain way. */
  compressedLayer(digest: Digest, way: string): string
  /** The digests of a context's files, as they were seen last. */
  fileDigests(key: string): string
  /** A directory that builds mount, and that outlives them. */
  cacheMount(key: string): string
  /** What a container has in the run directory. */
  runDir(id: string): string
  /** What was done, a JSON object a line. */
  readonly events: string
  /** Whether images of layers can be mounted on this machine. */
  readonly mountsImages: string
  /** Who has which of them mounted. */
  readonly layerMounts: string
  stateFile(id: string): string
  /** The last results of a container's health checks, and what is to be known of who writes them. */
  healthFile(id: string): string
  healthChecker(id: string): string
  /** Is there when the user, or a command of his, has asked the running container to end. */
  stopRequest(id: string): string
  /** A lock file; see withLock. */
  lock(name: string): string
  /** A name in the directory for what is not whole yet. */
  tmp(name: string): string
}

/** The files of a container's bundle. */
export interface BundlePaths {
  readonly dir: string
  /** What the store knows about the container. */
  readonly record: string
  /** The OCI runtime spec's `config.json`. */
  readonly config: string
  readonly upper: string
  readonly work: string
  readonly rootfs: string
  readonly hostname: string
  readonly hosts: string
  readonly resolvConf: string
  /** JSON: how its last run ended. */
  readonly exit: string
  /** How the last run ended, in the monitor's own words: three little-endian 64-bit words, the raw wait status, seconds and nanoseconds. */
  readonly exitStatus: string
  /** Is there once the container has been started; holds when, in ISO 8601. */
  readonly started: string
  readonly log: string
  /** Anonymous volumes, which go with the container. */
  readonly volumes: string
  /** What is written into images that it mounts, until its next start. */
  readonly mounts: string
}

export function storePaths({ root, run }: { root: string; run: string }): StorePaths {
  // Not by join of node:path, which looks at every character: a start asks for half a hundred names.
  const inRoot = (...parts: string[]) => `${root}/${parts.join('/')}`
  const container = (id: string) => checked(id, /^[0-9a-f]{64}$/)
  const addressed = (kind: string, digest: Digest) => inRoot(kind, digestAlgorithm(digest), digestHex(digest))
  return {
    root,
    run,
    ociLayout: inRoot('oci-layout'),
    index: inRoot('index.json'),
    blobs: inRoot('blobs'),
    layers: inRoot('layers'),
    containers: inRoot('containers'),
    names: inRoot('names'),
    volumes: inRoot('volumes'),
    networks: inRoot('networks'),
    networkState: `${run}/networks/state.json`,
    userNamespaces: `${run}/user-namespaces.json`,
    buildCaches: inRoot('cache', 'build'),
    compressedLayers: inRoot('cache', 'compressed'),
    fileDigestCaches: inRoot('cache', 'files'),
    cacheMounts: inRoot('cache', 'mounts'),
    locks: inRoot('locks'),
    temporary: inRoot('tmp'),
    blob: (digest) => addressed('blobs', digest),
    partialBlob: (digest) => inRoot('tmp', `blob-${digestAlgorithm(digest)}-${digestHex(digest)}`),
    layer: (diffID) => addressed('layers', diffID),
    layerFacts: (diffID) => `${addressed('layers', diffID)}.json`,
    layerImage: (diffID) => `${addressed('layers', diffID)}${IMAGE_SUFFIX}`,
    containerDir: (id) => inRoot('containers', container(id)),
    bundle: (id) => bundlePaths(inRoot('containers', container(id))),
    containerName: (name) => inRoot('names', checked(name)),
    volume: (name) => inRoot('volumes', checked(name)),
    volumeFacts: (name) => inRoot('volumes', `.${checked(name)}.json`),
    network: (name) => inRoot('networks', `${checked(name)}.json`),
    buildCache: (key) => inRoot('cache', 'build', `${checked(key)}.json`),
    compressedLayer: (digest, way) => inRoot('cache', 'compressed', `${digestHex(digest)}-${checked(way)}.json`),
    fileDigests: (key) => inRoot('cache', 'files', `${checked(key)}.json`),
    cacheMount: (key) => inRoot('cache', 'mounts', checked(key)),
    events: `${run}/events.log`,
    mountsImages: `${run}/mounts-images`,
    layerMounts: `${run}/layer-mounts`,
    runDir: (id) => `${run}/${container(id)}`,
    stateFile: (id) => `${run}/${container(id)}/state.json`,
    healthFile: (id) => `${run}/${container(id)}/health`,
    healthChecker: (id) => `${run}/${container(id)}/health.json`,
    stopRequest: (id) => `${run}/${container(id)}/stop-requested`,
    lock: (name) => inRoot('locks', `${checked(name)}.lock`),
    tmp: (name) => inRoot('tmp', checked(name)),
  }
}

/** The files of a bundle that is at `dir`. */
export function bundlePaths(dir: string): BundlePaths {
  return {
    dir,
    record: `${dir}/container.json`,
    config: `${dir}/config.json`,
    upper: `${dir}/upper`,
    work: `${dir}/work`,
    rootfs: `${dir}/rootfs`,
    hostname: `${dir}/hostname`,
    hosts: `${dir}/hosts`,
    resolvConf: `${dir}/resolv.conf`,
    exit: `${dir}/exit`,
    exitStatus: `${dir}/exit-status`,
    started: `${dir}/started`,
    log: `${dir}/log`,
    volumes: `${dir}/volumes`,
    mounts: `${dir}/mounts`,
  }
}

/** A part of a path that can lead nowhere else. */
function checked(name: string, grammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/): string {
  if (grammar.test(name)) return name
  throw new StoreError('INVALID_NAME', `naming a file of the store ${JSON.stringify(name)}: not ${grammar.source}`)
}

/** The cgroup of a container, below every hierarchy's root, unless its state names another. */
export function cgroupPath(id: string): string {
  return `${CGROUP_PARENT}/${id}`
}

/** The cgroup that all containers' are in; it stays from the first one on, as long as nobody prunes. */
export const CGROUP_PARENT = '/gocker'
