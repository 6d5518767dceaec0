export { type CapabilitySets, capabilityMask, encodeCapset, maskCapabilities } from './capabilities/masks.ts'
export { CAPABILITIES, type Capability, DEFAULT_CAPABILITIES, lastCapability, parseCapability } from './capabilities/names.ts'
export { boundingCapabilities, type CapabilityRequest, resolveCapabilities } from './capabilities/resolve.ts'
export { type Cgroup, openCgroup } from './cgroups/cgroup.ts'
export { type CgroupOptions, createCgroup } from './cgroups/create.ts'
export type { BlockIoResources, CpuResources, DeviceRule, MemoryResources, Resources, Throttle } from './cgroups/resources.ts'
export type { CgroupStats, CpuStats, IoStats, MemoryStats, PidsStats, ThrottlingStats } from './cgroups/stats.ts'
export { canLimitSwap } from './cgroups/swap.ts'
export type { CgroupView } from './cgroups/views.ts'
export { receiveDescriptor } from './door/descriptor-passing.ts'
export { errnoName, errnoNumber, errnoText } from './door/errno.ts'
export { copyRange, SEEK, seek } from './door/file-data.ts'
export { type FileSystemMount, mountFileSystem } from './door/file-system-context.ts'
export type { Path } from './door/libc.ts'
export { flock } from './door/locks.ts'
export { memfd, seal } from './door/memfd.ts'
export { MNT_DETACH, MNT_FORCE, MOUNT_FLAGS, type MountCall, mount, unmount } from './door/mount.ts'
export { CLONE_FLAGS, chroot, setns, umask, unshare } from './door/namespaces.ts'
export { deviceMajor, deviceMinor, makeDevice, mknod } from './door/nodes.ts'
export { OPEN_FLAGS, openBeneath, openInRoot } from './door/open.ts'
export { pipe, socketPair } from './door/pipes.ts'
export { pidfdOpen, pidfdSend, processStartTime } from './door/processes.ts'
export { SIGNALS, signalName, signalNumber } from './door/signals.ts'
export { getWindowSize, setWindowSize, type WindowSize } from './door/terminal.ts'
export { type FileTime, setTimes } from './door/times.ts'
export { getXattr, listXattrs, removeXattr, setXattr } from './door/xattrs.ts'
export { KernelError } from './error.ts'
export { type Architecture, hostArchitecture } from './launch/architecture.ts'
export { encodeProgram } from './launch/encode.ts'
export { explainProgram } from './launch/explain.ts'
export { closeOnExec, moveReport } from './launch/fragments/descriptors.ts'
export { type ExitRecord, exitTime, writeExitRecord } from './launch/fragments/exit-record.ts'
export { type Fork, fork } from './launch/fragments/fork.ts'
export { blockSignals, dieWithParent, resetSignals } from './launch/fragments/signals.ts'
export { type Child, exitAs, superviseChild, waitForChild } from './launch/fragments/wait.ts'
export { type LaunchExit, type Launched, type LaunchOptions, launch, type StdioSource } from './launch/launch.ts'
export {
  type At,
  at,
  type Bytes,
  bytes,
  type Memory,
  type Operand,
  type PerArchitecture,
  perArchitecture,
  type Shown,
  type Slot,
  type Struct,
  shown,
  slot,
  struct,
  type Value,
  type Vector,
  value,
  vector,
  type Writable,
} from './launch/operand.ts'
export { type CallStep, type CompareStep, LaunchProgram, type ReportKind, type Row, reportDescriptor } from './launch/program.ts'
export type { LaunchFailure, LaunchMessage } from './launch/report.ts'
export type { CallName } from './launch/syscall-numbers.ts'
export { encodeMountAttributes, MOUNT_ATTRIBUTES, type MountAttributes } from './mounts/attributes.ts'
export { type MountInfo, parseMountInfo, readMountInfo } from './mounts/mount-info.ts'
export { type MountOptions, parseMountOptions } from './mounts/options.ts'
export { mountOverlay, type OverlayMount } from './mounts/overlay.ts'
export { compileSeccomp } from './seccomp/compile.ts'
export type { SeccompHost } from './seccomp/conditional-profile.ts'
export { defaultSeccompProfile } from './seccomp/default-profile/default-profile.ts'
export { seccompFlags } from './seccomp/flags.ts'
export { parseSeccompProfile } from './seccomp/parse.ts'
export type { SeccompArgument, SeccompProfile, SeccompRule } from './seccomp/profile.ts'
