import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { mknod, OPEN_FLAGS, openBeneath, openInRoot } from '@gocker/kernel'

const CHUNK = 1024 * 1024

/**
 * Gives an empty directory what another one has: files, directories, symlinks, pipes and devices, with owners and modes. What is not there to be
 * copied leaves it as it is.
 * @param target a descriptor of the directory
 * @throws {KernelError}, and what node:fs throws: when it is full
 */
export function copyUp(root: string, path: string, target: number): void {
  const opened: number[] = []
  const open = (fd: number) => opened[opened.push(fd) - 1] as number
  try {
    const source = openIfDirectory(open(openSync(root, OPEN_FLAGS.O_PATH | constants.O_DIRECTORY)), path)
    if (source === undefined) return
    // A mount's own descriptor only names it.
    copyDirectory(open(source), open(openSync(`/proc/self/fd/${target}/.`, constants.O_RDONLY | constants.O_DIRECTORY)))
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

function openIfDirectory(base: number, path: string): number | undefined {
  try {
    return openInRoot(base, path, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch {
    return undefined
  }
}

/** Each step by the descriptor before: nothing that is exchanged meanwhile leads elsewhere. */
function copyDirectory(source: number, target: number): void {
  for (const { name } of readdirSync(`/proc/self/fd/${source}`, { withFileTypes: true })) {
    const held = openBeneath(source, name, OPEN_FLAGS.O_PATH | constants.O_NOFOLLOW)
    try {
      copyEntry({ source, name, stats: fstatSync(held) }, `/proc/self/fd/${target}/${name}`)
    } finally {
      closeSync(held)
    }
  }
  keepOwner(fstatSync(source), target)
}

interface Entry {
  readonly source: number
  readonly name: string
  readonly stats: Stats
}

function copyEntry({ source, name, stats }: Entry, target: string): void {
  if (stats.isSymbolicLink()) {
    symlinkSync(readlinkSync(`/proc/self/fd/${source}/${name}`), target)
    lchownSync(target, stats.uid, stats.gid)
  } else if (stats.isDirectory()) {
    mkdirSync(target)
    withBoth({ source, name }, { target, flags: constants.O_RDONLY | constants.O_DIRECTORY }, copyDirectory)
  } else if (stats.isFile()) {
    withBoth({ source, name }, { target, flags: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL }, copyFile)
  } else if (!stats.isSocket()) {
    mknod(target, stats.mode, BigInt(stats.rdev))
    lchownSync(target, stats.uid, stats.gid)
  }
}

function withBoth(
  { source, name }: Omit<Entry, 'stats'>,
  { target, flags }: { readonly target: string; readonly flags: number },
  copy: (from: number, to: number) => void,
): void {
  const from = openBeneath(source, name, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const to = openSync(target, flags, 0o600)
    try {
      copy(from, to)
    } finally {
      closeSync(to)
    }
  } finally {
    closeSync(from)
  }
}

function copyFile(from: number, to: number): void {
  const chunk = Buffer.allocUnsafe(CHUNK)
  for (let size = readSync(from, chunk); size > 0; size = readSync(from, chunk))
    for (let written = 0; written < size; ) written += writeSync(to, chunk, written, size - written)
  keepOwner(fstatSync(from), to)
}

/** The mode last: a change of owner takes some of it away. */
function keepOwner({ uid, gid, mode }: Stats, target: number): void {
  fchownSync(target, uid, gid)
  fchmodSync(target, mode & 0o7777)
}
