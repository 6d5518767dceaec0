import { MOUNT_FLAGS } from '../door/mount.ts'
import { MOUNT_ATTRIBUTES, type MountAttributes } from './attributes.ts'

/** A mount's options, sorted by the system call that they go to. */
export interface MountOptions {
  /** MS_* for mount(2), MS_BIND and MS_REC among them. */
  readonly flags: number
  /** MS_* that were asked to be off (`rw`, `suid`, ...): a bind mount has the flags of its source until it is mounted again. */
  readonly cleared: number
  /** MS_PRIVATE, MS_SLAVE, ... with or without MS_REC, for a second mount(2); 0 for none. The last one named counts. */
  readonly propagation: number
  /** The file system's own options, with commas between. */
  readonly data: string
  /** For mount_setattr(2) with AT_RECURSIVE: `rro`, `rnosuid`, ... */
  readonly recursive: MountAttributes | undefined
  /** A tmpfs is to begin with what it covers. */
  readonly copyUp: boolean
  /** Owners of files are mapped: on the mount alone, or on all below it. */
  readonly mapped: 'mount' | 'below' | undefined
}

/**
 * Never throws: what no option is called goes to the file system.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md#linux-mount-options
 */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const data: string[] = []
  const parsed = {
    flags: 0,
    cleared: 0,
    propagation: 0,
    recursive: undefined as MountAttributes | undefined,
    copyUp: false,
    mapped: undefined as MountOptions['mapped'],
  }
  for (const option of options) {
    const flag = FLAGS[option]
    const attribute = RECURSIVE[option]
    if (flag !== undefined) Object.assign(parsed, withFlag(parsed, flag))
    else if (option in PROPAGATION) parsed.propagation = PROPAGATION[option] as number
    else if (attribute !== undefined) parsed.recursive = withAttribute(parsed.recursive, attribute)
    else if (option === 'tmpcopyup') parsed.copyUp = true
    else if (option === 'idmap' || option === 'ridmap') parsed.mapped = option === 'idmap' ? 'mount' : 'below'
    else if (option !== '' && option !== 'defaults') data.push(option)
  }
  return { ...parsed, data: data.join(',') }
}

/** Every option that is not the file system's own, by the alphabet. */
export function mountOptionNames(): string[] {
  return [...Object.keys(FLAGS), ...Object.keys(PROPAGATION), ...Object.keys(RECURSIVE), 'idmap', 'ridmap', 'tmpcopyup'].sort()
}

type Switch = readonly ['on' | 'off', number]

const {
  MS_RDONLY,
  MS_NOSUID,
  MS_NODEV,
  MS_NOEXEC,
  MS_SYNCHRONOUS,
  MS_REMOUNT,
  MS_MANDLOCK,
  MS_DIRSYNC,
  MS_NOSYMFOLLOW,
  MS_NOATIME,
  MS_NODIRATIME,
  MS_BIND,
  MS_REC,
  MS_SILENT,
  MS_UNBINDABLE,
  MS_PRIVATE,
  MS_SLAVE,
  MS_SHARED,
  MS_RELATIME,
  MS_I_VERSION,
  MS_STRICTATIME,
  MS_LAZYTIME,
} = MOUNT_FLAGS

const FLAGS: Readonly<Record<string, Switch>> = {
  __proto__: null as never,
  async: ['off', MS_SYNCHRONOUS],
  atime: ['off', MS_NOATIME],
  bind: ['on', MS_BIND],
  dev: ['off', MS_NODEV],
  diratime: ['off', MS_NODIRATIME],
  dirsync: ['on', MS_DIRSYNC],
  exec: ['off', MS_NOEXEC],
  iversion: ['on', MS_I_VERSION],
  lazytime: ['on', MS_LAZYTIME],
  loud: ['off', MS_SILENT],
  mand: ['on', MS_MANDLOCK],
  noatime: ['on', MS_NOATIME],
  nodev: ['on', MS_NODEV],
  nodiratime: ['on', MS_NODIRATIME],
  noexec: ['on', MS_NOEXEC],
  noiversion: ['off', MS_I_VERSION],
  nolazytime: ['off', MS_LAZYTIME],
  nomand: ['off', MS_MANDLOCK],
  norelatime: ['off', MS_RELATIME],
  nostrictatime: ['off', MS_STRICTATIME],
  nosuid: ['on', MS_NOSUID],
  nosymfollow: ['on', MS_NOSYMFOLLOW],
  rbind: ['on', MS_BIND | MS_REC],
  relatime: ['on', MS_RELATIME],
  remount: ['on', MS_REMOUNT],
  ro: ['on', MS_RDONLY],
  rw: ['off', MS_RDONLY],
  silent: ['on', MS_SILENT],
  strictatime: ['on', MS_STRICTATIME],
  suid: ['off', MS_NOSUID],
  symfollow: ['off', MS_NOSYMFOLLOW],
  sync: ['on', MS_SYNCHRONOUS],
}

const PROPAGATION: Readonly<Record<string, number>> = {
  __proto__: null as never,
  private: MS_PRIVATE,
  rprivate: MS_PRIVATE | MS_REC,
  rshared: MS_SHARED | MS_REC,
  rslave: MS_SLAVE | MS_REC,
  runbindable: MS_UNBINDABLE | MS_REC,
  shared: MS_SHARED,
  slave: MS_SLAVE,
  unbindable: MS_UNBINDABLE,
}

const {
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_STRICTATIME,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOSYMFOLLOW,
} = MOUNT_ATTRIBUTES

const on = (attribute: bigint): MountAttributes => ({ set: attribute, clear: 0n })
const off = (attribute: bigint): MountAttributes => ({ set: 0n, clear: attribute })
const atime = (value: bigint): MountAttributes => ({ set: value, clear: MOUNT_ATTR__ATIME })

const RECURSIVE: Readonly<Record<string, MountAttributes>> = {
  __proto__: null as never,
  ratime: atime(MOUNT_ATTR_RELATIME),
  rdev: off(MOUNT_ATTR_NODEV),
  rdiratime: off(MOUNT_ATTR_NODIRATIME),
  rexec: off(MOUNT_ATTR_NOEXEC),
  rnoatime: atime(MOUNT_ATTR_NOATIME),
  rnodev: on(MOUNT_ATTR_NODEV),
  rnodiratime: on(MOUNT_ATTR_NODIRATIME),
  rnoexec: on(MOUNT_ATTR_NOEXEC),
  rnorelatime: atime(MOUNT_ATTR_RELATIME),
  rnostrictatime: atime(MOUNT_ATTR_RELATIME),
  rnosuid: on(MOUNT_ATTR_NOSUID),
  rnosymfollow: on(MOUNT_ATTR_NOSYMFOLLOW),
  rrelatime: atime(MOUNT_ATTR_RELATIME),
  rro: on(MOUNT_ATTR_RDONLY),
  rrw: off(MOUNT_ATTR_RDONLY),
  rstrictatime: atime(MOUNT_ATTR_STRICTATIME),
  rsuid: off(MOUNT_ATTR_NOSUID),
  rsymfollow: off(MOUNT_ATTR_NOSYMFOLLOW),
}

// Of two options that contradict each other the later one counts.
function withFlag({ flags, cleared }: { flags: number; cleared: number }, [position, flag]: Switch): { flags: number; cleared: number } {
  return position === 'on' ? { flags: flags | flag, cleared: cleared & ~flag } : { flags: flags & ~flag, cleared: cleared | flag }
}

function withAttribute(before: MountAttributes = { set: 0n, clear: 0n }, { set, clear }: MountAttributes): MountAttributes {
  return { set: (before.set & ~clear) | set, clear: (before.clear & ~set) | clear }
}
