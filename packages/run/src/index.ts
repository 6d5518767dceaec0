export { type Attachment, type AttachOptions, attachTo } from './attach/attach.ts'
export { RunError, type RunErrorCode } from './error.ts'
export { type ContainerChanges, containerChanges, type FileChange } from './files-of/changes.ts'
export { effectiveConfig } from './files-of/effective-config.ts'
export { type CgroupController, type MachineFacts, machineFacts } from './host/machine.ts'
export type { Caller } from './life/caller.ts'
export { cleanUpContainer } from './life/clean-up.ts'
export { comeBack } from './life/come-back.ts'
export { type Container, createContainer } from './life/container.ts'
export { type ExecOptions, type ExecStatus, execDetached, execIn, type RunningExec } from './life/exec/exec.ts'
export type { ExecRequest } from './life/exec/exec-spec.ts'
export type { ExitStatus } from './life/exit-status.ts'
export { type ExplainOptions, explain } from './life/explain.ts'
export { type Health, type HealthLogEntry, healthOf } from './life/health/health.ts'
export { type HealthCheck, type HealthOptions, healthCheckOf } from './life/health/health-check.ts'
export { killContainer } from './life/kill-container.ts'
export { joinedNetworks } from './life/networks.ts'
export { pauseContainer, unpauseContainer } from './life/pause-container.ts'
export { type RemoveOptions, removeContainer } from './life/remove-container.ts'
export { renameContainer } from './life/rename-container.ts'
export { restartContainer } from './life/restart-container.ts'
export { parseRestartPolicy } from './life/restart-policy.ts'
export { type RunContainerOptions, runContainer } from './life/run.ts'
export { type ContainerSettings, readSettings } from './life/settings.ts'
export type { RunningContainer, StartOptions } from './life/start.ts'
export type { DetachedOptions } from './life/start-detached.ts'
export { startStopped } from './life/start-stopped.ts'
export { type ContainerStatusNow, containerStatus } from './life/status.ts'
export type { StdioChoice, StdioOptions } from './life/stdio.ts'
export { type StopOptions, stopContainer } from './life/stop-container.ts'
export type { Terminal } from './life/terminal.ts'
export { type UpdateOptions, updateContainer } from './life/update-container.ts'
export { waitContainer } from './life/wait-container.ts'
export { formatLogTime } from './logs/log-time.ts'
export { type ReadLogsOptions, readLogBatches, readLogs } from './logs/read-logs.ts'
export type { LogRecord, LogStream } from './logs/record.ts'
export { type Connection, connectNetwork, disconnectNetwork } from './network/connect-network.ts'
export { type CreateNetworkOptions, createNetwork } from './network/create-network.ts'
export { describeNetwork, endpointId, listNetworks, type NetworkDescription } from './network/describe-network.ts'
export { type PruneNetworksOptions, pruneNetworks } from './network/prune-networks.ts'
export { removeNetwork } from './network/remove-network.ts'
export type { Endpoint, JoinedNetworks, PublishedPort } from './network/state.ts'
export { type HostEntry, parseAddHost } from './options/add-host.ts'
export type { ContainerOptions, LogOptions, ResourceOptions, RestartPolicy, Rootfs, RunOptions } from './options/container-options.ts'
export { parseCpus } from './options/cpus.ts'
export { type DeviceRate, type DeviceRequest, parseDevice, parseDeviceRate } from './options/device.ts'
export { parseDuration } from './options/duration.ts'
export { parseEnv, parseEnvFile } from './options/environment.ts'
export { parseLabel, parseSysctl } from './options/key-value.ts'
export { parseMemory, parseMemoryOrUnlimited } from './options/memory.ts'
export { parseMoment } from './options/moment.ts'
export { parseMountOption } from './options/mount.ts'
export type {
  BindRequest,
  ContentRequest,
  MountRequest,
  OverlayRequest,
  Propagation,
  TmpfsRequest,
  VolumeRequest,
} from './options/mount-request.ts'
export {
  DEFAULT_NETWORK,
  type EndpointOptions,
  type Network,
  type NetworkRequest,
  parseIp,
  parseIp6,
  parseMacAddress,
  parseNameServer,
  parseNetwork,
  parseNetworkAlias,
  parseNetworkName,
} from './options/network.ts'
export { type ExposedPort, parseExposedPort } from './options/port.ts'
export { type PortRange, type Protocol, type PublishRequest, parsePublish } from './options/publish.ts'
export { parseSecurity, type Security } from './options/security.ts'
export { parseSignal } from './options/signal.ts'
export { parseTmpfs } from './options/tmpfs.ts'
export { parseUlimit, type Ulimit } from './options/ulimit.ts'
export { parseUser, type UserRequest } from './options/user.ts'
export { parseVolume } from './options/volume.ts'
export { checkVolumeDriver } from './options/volume-driver.ts'
export { parseVolumesFrom, type VolumesFrom } from './options/volumes-from.ts'
export { INPUT_DESCRIPTOR } from './program/detached-monitor.ts'
export { toLaunchProgram } from './program/launch-program.ts'
export type { CgroupFacts, OverlayFacts, ProgramFacts, Stdio } from './program/plan.ts'
export type { GrantedDevice } from './spec/devices.ts'
export type { ResolvedMount } from './spec/mounts.ts'
export type { ResourceFacts } from './spec/resources.ts'
export { type HostFacts, type SpecInput, toRuntimeSpec } from './spec/runtime-spec.ts'
export { type Identity, identityOf, type UserFiles } from './spec/user.ts'
export { type EnterEvent, type EnterOptions, enterUserNamespace } from './user-namespace/enter.ts'
export { type Obstacle, obstaclesFor } from './user-namespace/obstacles.ts'
export { cpuPercent, type StatsSample, sampleStats } from './stats/sample.ts'
export { type ProcessTable, topContainer } from './top/top.ts'
