export { type CapabilitySets, capabilityMask, encodeCapset, maskCapabilities } from './capabilities/masks.ts'
export { CAPABILITIES, type Capability, DEFAULT_CAPABILITIES, lastCapability, parseCapability } from './capabilities/names.ts'
export { boundingCapabilities, type CapabilityRequest, resolveCapabilities } from './capabilities/resolve.ts'
export { type Cgroup, type CgroupEntry, openCgroup } from './cgroups/cgroup.ts'
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
export { forgetConnections } from './netlink/connections/forget-connections.ts'
export { formatAddress, type IpAddress, type IpFamily, type IpPrefix, networkOf, parseAddress, parsePrefix } from './netlink/ip.ts'
export { inNetworkNamespace, type NetworkNamespace } from './netlink/namespace.ts'
export { addChain, type BaseChain, type Chain, deleteChain, type Hook } from './netlink/nftables/chains.ts'
export type { Change } from './netlink/nftables/change.ts'
export { type CommitOptions, commitChanges } from './netlink/nftables/commit-changes.ts'
export type { Expression } from './netlink/nftables/expression.ts'
export { destinationNat, masquerade } from './netlink/nftables/expressions/nat.ts'
export { type Verdict, verdict } from './netlink/nftables/expressions/verdict.ts'
export { currentGeneration } from './netlink/nftables/generation.ts'
export { addressIn, ofFamily, toLocalAddress } from './netlink/nftables/matches/address.ts'
export { ofKnownConnection, redirected } from './netlink/nftables/matches/connection.ts'
export { cameBy, leavesBy, leavesNotBy } from './netlink/nftables/matches/interface.ts'
export { type PortProtocol, toPort } from './netlink/nftables/matches/port.ts'
export type { TableFamily, TableName } from './netlink/nftables/message.ts'
export { removeRules } from './netlink/nftables/remove-rules.ts'
export { admitPublished } from './netlink/nftables/rules/admit-published.ts'
export type { BridgeRulesOptions, SubnetRulesOptions } from './netlink/nftables/rules/bridge.ts'
export { type GatewayChain, gatewayTable } from './netlink/nftables/rules/gateway-table.ts'
export { type IsolateBridgeOptions, isolateBridge } from './netlink/nftables/rules/isolate-bridge.ts'
export { masqueradeSubnet } from './netlink/nftables/rules/masquerade-subnet.ts'
export { type PublishPortOptions, publishPort } from './netlink/nftables/rules/publish-port.ts'
export { addRule, deleteRule, type ListedRule, listRules, type Rule } from './netlink/nftables/rules.ts'
export { addTable, deleteTable, listTables } from './netlink/nftables/tables.ts'
export { addAddress, deleteAddress, type LinkAddress, listAddresses } from './netlink/route/addresses.ts'
export { changeLink, type LinkChanges } from './netlink/route/change-link.ts'
export { type BridgeOptions, createBridge } from './netlink/route/create-bridge.ts'
export { createVeth, type VethEnd, type VethOptions } from './netlink/route/create-veth.ts'
export { deleteLink } from './netlink/route/delete-link.ts'
export { findLink, getLink, type Link, listLinks } from './netlink/route/link.ts'
export type { LinkName, LinkNamespace } from './netlink/route/link-message.ts'
export type { Route } from './netlink/route/route-message.ts'
export { addRoute, deleteRoute, listRoutes, type RouteOptions } from './netlink/route/routes.ts'
export { type NetlinkOptions, type NetlinkProtocol, NetlinkSocket, openNetlink } from './netlink/socket.ts'
export { compileSeccomp } from './seccomp/compile.ts'
export type { SeccompHost } from './seccomp/conditional-profile.ts'
export { defaultSeccompProfile } from './seccomp/default-profile/default-profile.ts'
export { seccompFlags } from './seccomp/flags.ts'
export { parseSeccompProfile } from './seccomp/parse.ts'
export type { SeccompArgument, SeccompProfile, SeccompRule } from './seccomp/profile.ts'
