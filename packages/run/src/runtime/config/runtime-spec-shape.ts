import { absolutePath, anything, flag, id, integer, list, map, natural, object, oneOf, type Shape, text } from './shape.ts'

const NAMESPACES = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time']
const PROPAGATIONS = ['shared', 'slave', 'private', 'unbindable', 'rshared', 'rslave', 'rprivate', 'runbindable']

const idMappings = list(object({ containerID: id, hostID: id, size: id }, ['containerID', 'hostID', 'size']))
const device = { major: integer, minor: integer }
const throttles = list(object({ ...device, rate: natural }, ['major', 'minor', 'rate']))

const hooks = list(object({ path: absolutePath, args: list(text), env: list(text), timeout: integer }, ['path']))

/** `process`, in a bundle and by itself for one more command. */
export const processShape: Shape = object(
  {
    terminal: flag,
    consoleSize: object({ height: natural, width: natural }, ['height', 'width']),
    user: object({ uid: id, gid: id, umask: natural, additionalGids: list(id) }),
    args: list(text),
    env: list(text),
    cwd: absolutePath,
    capabilities: object(
      Object.fromEntries(['bounding', 'effective', 'inheritable', 'permitted', 'ambient'].map((set) => [set, list(text)])),
    ),
    rlimits: list(object({ type: text, soft: natural, hard: natural }, ['type', 'soft', 'hard'])),
    noNewPrivileges: flag,
    apparmorProfile: text,
    selinuxLabel: text,
    oomScoreAdj: integer,
    scheduler: object(
      { policy: text, nice: integer, priority: integer, flags: list(text), runtime: natural, deadline: natural, period: natural },
      ['policy'],
    ),
    ioPriority: object({ class: text, priority: integer }, ['class', 'priority']),
    execCPUAffinity: object({ initial: text, final: text }),
  },
  ['args', 'cwd'],
)

/** `linux.resources`, in a bundle and by itself for an update. */
export const resourcesShape: Shape = object({
  devices: list(object({ allow: flag, type: oneOf(['a', 'b', 'c']), ...device, access: text }, ['allow'])),
  memory: object({
    ...Object.fromEntries(['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'].map((name) => [name, integer])),
    ...{ swappiness: natural, disableOOMKiller: flag, useHierarchy: flag, checkBeforeUpdate: flag },
  }),
  cpu: object({
    ...{ shares: natural, quota: integer, burst: natural, period: natural, realtimeRuntime: integer, realtimePeriod: natural },
    ...{ cpus: text, mems: text, idle: integer },
  }),
  pids: object({ limit: integer }),
  blockIO: object({
    weight: natural,
    leafWeight: natural,
    weightDevice: list(object({ ...device, weight: natural, leafWeight: natural }, ['major', 'minor'])),
    throttleReadBpsDevice: throttles,
    throttleWriteBpsDevice: throttles,
    throttleReadIOPSDevice: throttles,
    throttleWriteIOPSDevice: throttles,
  }),
  hugepageLimits: list(object({ pageSize: text, limit: natural }, ['pageSize', 'limit'])),
  network: object({ classID: natural, priorities: list(anything) }),
  rdma: map(anything),
  unified: map(text),
})

const seccomp = object(
  {
    defaultAction: text,
    defaultErrnoRet: natural,
    architectures: list(text),
    flags: list(text),
    listenerPath: text,
    listenerMetadata: text,
    syscalls: list(
      object(
        {
          names: list(text),
          action: text,
          errnoRet: natural,
          args: list(object({ index: natural, value: natural, valueTwo: natural, op: text }, ['index', 'value', 'op'])),
        },
        ['names', 'action'],
      ),
    ),
  },
  ['defaultAction'],
)

const timeOffset = object({ secs: integer, nanosecs: natural })

const linux = object({
  namespaces: list(object({ type: oneOf(NAMESPACES), path: text }, ['type'])),
  uidMappings: idMappings,
  gidMappings: idMappings,
  devices: list(
    object({ type: oneOf(['c', 'b', 'u', 'p']), path: absolutePath, ...device, fileMode: natural, uid: id, gid: id }, ['type', 'path']),
  ),
  cgroupsPath: text,
  resources: resourcesShape,
  rootfsPropagation: oneOf(PROPAGATIONS),
  seccomp,
  sysctl: map(text),
  maskedPaths: list(text),
  readonlyPaths: list(text),
  mountLabel: text,
  personality: object({ domain: text, flags: list(text) }, ['domain']),
  timeOffsets: object({ monotonic: timeOffset, boottime: timeOffset }),
  intelRdt: anything,
})

/** @see https://github.com/opencontainers/runtime-spec/blob/main/config.md */
export const runtimeSpecShape: Shape = object(
  {
    ociVersion: text,
    root: object({ path: text, readonly: flag }, ['path']),
    process: processShape,
    hostname: text,
    domainname: text,
    mounts: list(
      object({ destination: text, type: text, source: text, options: list(text), uidMappings: idMappings, gidMappings: idMappings }, [
        'destination',
      ]),
    ),
    hooks: object(
      Object.fromEntries(
        ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'].map((kind) => [kind, hooks]),
      ),
    ),
    annotations: map(text),
    linux,
  },
  ['ociVersion', 'root'],
)
