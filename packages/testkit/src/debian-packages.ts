import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { BUSYBOX } from './rootfs/busybox.ts'
import { SCHEMAS } from './schemas.ts'

export interface DebianPackage {
  readonly name: string
  /** A command, or the absolute path of a file: one of its own that shows that it is there. */
  readonly shows: string
  readonly why: string
}

/** Where Debian keeps the libraries of this architecture. */
const LIBRARIES = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'

/** The Debian packages that tests need beyond what every Debian has. */
export const DEBIAN_PACKAGES: readonly DebianPackage[] = [
  { name: 'docker-registry', shows: 'docker-registry', why: 'the registry that tests pull from' },
  { name: 'skopeo', shows: 'skopeo', why: 'pushes and reads images with another hand than ours' },
  { name: 'podman', shows: 'podman', why: 'reads what is pushed and saved, as another engine does, and runs containers by our runtime' },
  { name: 'runc', shows: 'runc', why: 'runs what podman pulls: crun refuses hosts that have both kinds of control groups' },
  { name: 'containerd', shows: 'containerd', why: 'runs containers by our runtime, as Kubernetes and Docker do' },
  { name: 'docker.io', shows: 'dockerd', why: 'runs containers by our runtime; in namespaces of its own' },
  { name: 'buildah', shows: 'buildah', why: 'builds the same Dockerfiles as a reference' },
  { name: 'erofs-utils', shows: 'fsck.erofs', why: 'checks layers that are images' },
  { name: 'umoci', shows: 'umoci', why: 'unpacks images as a reference' },
  { name: 'mmdebstrap', shows: 'mmdebstrap', why: 'makes the Debian root file system of tests' },
  { name: 'openssl', shows: 'openssl', why: "makes the certificates of the token server and of the registry's TLS" },
  { name: 'busybox-static', shows: BUSYBOX, why: 'the small root file system of fast tests' },
  { name: 'libcap2-bin', shows: '/sbin/getcap', why: 'reads file capabilities as a reference' },
  { name: 'tmux', shows: 'tmux', why: 'the terminal of tests that type and read a screen' },
  { name: 'iproute2', shows: 'ip', why: 'makes network namespaces and links' },
  { name: 'nftables', shows: 'nft', why: 'reads our packet filter rules as a reference' },
  { name: 'uidmap', shows: 'newuidmap', why: "gives an ordinary user's containers other ids than his own" },
  { name: 'passt', shows: 'pasta', why: "connects an ordinary user's containers" },
  { name: 'slirp4netns', shows: 'slirp4netns', why: 'the same, where pasta is not there' },
  { name: 'wrk', shows: 'wrk', why: 'asks a web server as fast as it can' },
  { name: 'zsh', shows: 'zsh', why: 'reads the completion that is made for it' },
  { name: 'fish', shows: 'fish', why: 'completes words with the completion that is made for it' },
  { name: 'xz-utils', shows: 'xz', why: 'makes archives that are refused by name' },
  { name: 'bzip2', shows: 'bzip2', why: 'makes archives that are refused by name' },
  { name: 'zstd', shows: 'zstd', why: 'GNU tar reads zstd with it' },
  { name: 'binutils', shows: 'as', why: "assembles the launch program's source" },
  { name: 'binutils-aarch64-linux-gnu', shows: 'aarch64-linux-gnu-as', why: 'the same for arm64' },
  { name: 'libseccomp2', shows: join('/usr/lib', LIBRARIES, 'libseccomp.so.2'), why: 'says whether our seccomp filters do as its own' },
  {
    name: 'golang-github-opencontainers-specs-dev',
    shows: join(SCHEMAS, 'runtime-spec/schema/config-schema.json'),
    why: 'the published schema of config.json',
  },
  {
    name: 'golang-github-opencontainers-image-spec-dev',
    shows: join(SCHEMAS, 'image-spec/schema/config-schema.json'),
    why: 'the published schemas of images',
  },
]

/** Those of the packages that this machine has not. */
export function missingPackages(packages: readonly DebianPackage[] = DEBIAN_PACKAGES): DebianPackage[] {
  return packages.filter(({ shows }) => !isThere(shows))
}

/** Programs of the system directories count, also where the path of an ordinary user leaves them out. */
function isThere(shows: string): boolean {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return shows.startsWith('/') ? can(shows, constants.R_OK) : directories.some((directory) => can(join(directory, shows), constants.X_OK))
}

function can(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
