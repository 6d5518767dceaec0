import {
  type ContainerOptions,
  checkVolumeDriver,
  parseAddHost,
  parseCpus,
  parseDevice,
  parseDeviceRate,
  parseDuration,
  parseEnv,
  parseExposedPort,
  parseLabel,
  parseMemory,
  parseMemoryOrUnlimited,
  parseMountOption,
  parseNameServer,
  parsePublish,
  parseRestartPolicy,
  parseSignal,
  parseSysctl,
  parseTmpfs,
  parseUlimit,
  parseUserNamespace,
  parseVolume,
  parseVolumesFrom,
} from '@gocker/run'
import { readLogDriver, readLogOption } from './log-flags.ts'
import { naturalNumber, wholeNumber } from './option-values.ts'

/** What a container's flags come to: `createContainer` takes it, with a store and an image beside it. */
export type RequestedContainer = Omit<ContainerOptions, 'store' | 'image' | 'rootfs'>

export interface ContainerFlag {
  readonly flags: string
  readonly help: string
  /** The option of the library. */
  readonly option: keyof RequestedContainer
  /** How the flag's text (or each of its texts, where it may be given several times) becomes the option's value; `name` is for errors. */
  readonly read?: (text: string, name: string) => unknown
  readonly several?: true
  /** Several texts become one record instead of a list. */
  readonly record?: true
}

export const RESTART: ContainerFlag = {
  flags: '--restart <policy>',
  help: 'start it again when it has ended: no, on-failure[:times], always, unless-stopped',
  option: 'restart',
  read: parseRestartPolicy,
}

/** By the heading that they stand under in the help. */
export const CONTAINER_FLAGS: Readonly<Record<string, readonly ContainerFlag[]>> = {
  'Process:': [
    { flags: '-i, --interactive', help: 'keep stdin open', option: 'stdin' },
    { flags: '-t, --tty', help: 'give the container a terminal', option: 'tty' },
    { flags: '-e, --env <name[=value]>', help: 'set a variable', option: 'env', read: parseEnv, several: true },
    { flags: '-w, --workdir <path>', help: 'working directory', option: 'workdir' },
    { flags: '-u, --user <user[:group]>', help: 'user, and group, by name or number', option: 'user' },
    { flags: '--group-add <group>', help: 'one more group', option: 'groupAdd', several: true },
    { flags: '--entrypoint <command>', help: "instead of the image's entrypoint", option: 'entrypoint' },
    { flags: '--init', help: 'a small init as first process: reaps children, passes signals on', option: 'init' },
    { flags: '--stop-signal <signal>', help: 'the signal that stops it', option: 'stopSignal', read: parseSignal },
    {
      flags: '--stop-timeout <seconds>',
      help: 'until it is killed when it is stopped; 10 unless given',
      option: 'stopTimeout',
      read: wholeNumber,
    },
    { flags: '--ulimit <name=soft[:hard]>', help: 'a resource limit of processes', option: 'ulimits', read: parseUlimit, several: true },
  ],
  'Health:': [
    { flags: '--health-cmd <line>', help: 'what the shell runs to see whether the container is well', option: 'healthCmd' },
    { flags: '--health-interval <time>', help: 'between checks (default: 30s)', option: 'healthInterval', read: parseDuration },
    { flags: '--health-timeout <time>', help: 'until a check has failed (default: 30s)', option: 'healthTimeout', read: parseDuration },
    { flags: '--health-retries <number>', help: 'failures in a row (default: 3)', option: 'healthRetries', read: naturalNumber },
    {
      flags: '--health-start-period <time>',
      help: 'in which failures do not count before the first success',
      option: 'healthStartPeriod',
      read: parseDuration,
    },
    {
      flags: '--health-start-interval <time>',
      help: 'between checks in the start period (default: 5s)',
      option: 'healthStartInterval',
      read: parseDuration,
    },
    { flags: '--no-healthcheck', help: "run no check, not even the image's", option: 'noHealthcheck' },
  ],
  'Names:': [
    { flags: '--name <name>', help: 'name of the container', option: 'name' },
    { flags: '-h, --hostname <name>', help: 'host name', option: 'hostname' },
    { flags: '--domainname <name>', help: 'NIS domain name', option: 'domainname' },
    { flags: '-l, --label <name=value>', help: 'a label', option: 'labels', read: parseLabel, several: true, record: true },
    { flags: '--rm', help: 'remove the container when it ends', option: 'remove' },
  ],
  'In the background:': [
    RESTART,
    {
      flags: '--log-driver <driver>',
      help: 'gocker (also called json-file, local), or none: nothing is kept',
      option: 'log',
      read: readLogDriver,
    },
    {
      flags: '--log-opt <name=value>',
      help: 'max-size=10m: bytes of a file of the log; max-file=3: how many are kept',
      option: 'log',
      read: readLogOption,
      several: true,
      record: true,
    },
  ],
  'Files:': [
    {
      flags: '-v, --volume <source:path[:options]>',
      help: 'a directory of the host or a volume',
      option: 'mounts',
      read: parseVolume,
      several: true,
    },
    {
      flags: '--mount <key=value,...>',
      help: 'a mount, in full: type=bind, volume, tmpfs or image, source=, target=, ...',
      option: 'mounts',
      read: parseMountOption,
      several: true,
    },
    { flags: '--tmpfs <path[:options]>', help: 'a file system in memory', option: 'mounts', read: parseTmpfs, several: true },
    {
      flags: '--volumes-from <container[:ro]>',
      help: 'the volumes of another container',
      option: 'volumesFrom',
      read: parseVolumesFrom,
      several: true,
    },
    { flags: '--volume-driver <name>', help: 'only local is there', option: 'mounts', read: checkVolumeDriver },
    { flags: '--read-only', help: 'a root file system that cannot be written', option: 'readOnly' },
    { flags: '--shm-size <size>', help: 'size of /dev/shm', option: 'shmSize', read: parseMemory },
    { flags: '--device <host[:container[:rwm]]>', help: 'a device of the host', option: 'devices', read: parseDevice, several: true },
  ],
  'Network:': [
    {
      flags: '-p, --publish <[ip:]host:container>',
      help: 'a port of the host that leads to it',
      option: 'publish',
      read: parsePublish,
      several: true,
    },
    { flags: '-P, --publish-all', help: "all of the image's ports, at free ports of the host", option: 'publishAll' },
    { flags: '--expose <port>', help: 'one more port for -P', option: 'expose', read: parseExposedPort, several: true },
    { flags: '--add-host <name:ip>', help: 'a line in /etc/hosts', option: 'addHosts', read: parseAddHost, several: true },
    { flags: '--dns <address>', help: 'a name server', option: 'dns', read: parseNameServer, several: true },
    { flags: '--dns-search <domain>', help: 'a domain to search', option: 'dnsSearch', several: true },
    { flags: '--dns-option <option>', help: 'an option of resolv.conf', option: 'dnsOption', several: true },
  ],
  'Isolation:': [
    { flags: '--cap-add <capability>', help: 'one more capability, or ALL', option: 'capAdd', several: true },
    { flags: '--cap-drop <capability>', help: 'one capability less, or ALL', option: 'capDrop', several: true },
    {
      flags: '--userns <mode>',
      help: "auto[:size=N]: user ids that are nobody else's; keep-id: your own inside, too; host: gocker's",
      option: 'userns',
      read: parseUserNamespace,
    },
    { flags: '--privileged', help: 'every capability and device, no seccomp, nothing masked', option: 'privileged' },
    { flags: '--security-opt <option>', help: 'no-new-privileges, seccomp=FILE, seccomp=unconfined', option: 'securityOpt', several: true },
    {
      flags: '--sysctl <name=value>',
      help: 'a kernel parameter of its namespaces',
      option: 'sysctls',
      read: parseSysctl,
      several: true,
      record: true,
    },
  ],
  'Limits:': [
    { flags: '-m, --memory <size>', help: 'memory', option: 'memory', read: parseMemory },
    { flags: '--memory-swap <size>', help: 'memory and swap together; -1: no limit', option: 'memorySwap', read: parseMemoryOrUnlimited },
    {
      flags: '--memory-reservation <size>',
      help: 'memory it is left with when the host runs short',
      option: 'memoryReservation',
      read: parseMemory,
    },
    { flags: '--memory-swappiness <0-100>', help: 'how readily its memory is swapped', option: 'memorySwappiness', read: wholeNumber },
    { flags: '--oom-kill-disable', help: 'wait instead of being killed when memory is used up', option: 'oomKillDisable' },
    { flags: '--oom-score-adj <-1000-1000>', help: "the host's preference for killing it", option: 'oomScoreAdj', read: wholeNumber },
    { flags: '--cpus <number>', help: 'processors, such as 0.5', option: 'cpus', read: parseCpus },
    { flags: '-c, --cpu-shares <weight>', help: 'weight beside others', option: 'cpuShares', read: wholeNumber },
    { flags: '--cpu-period <microseconds>', help: "the quota's period", option: 'cpuPeriod', read: wholeNumber },
    { flags: '--cpu-quota <microseconds>', help: 'processor time in a period', option: 'cpuQuota', read: wholeNumber },
    { flags: '--cpuset-cpus <list>', help: 'processors it may use: 0-3, 0,1', option: 'cpusetCpus' },
    { flags: '--cpuset-mems <list>', help: 'memory nodes it may use', option: 'cpusetMems' },
    { flags: '--pids-limit <number>', help: 'processes; -1: no limit', option: 'pidsLimit', read: wholeNumber },
    { flags: '--blkio-weight <10-1000>', help: 'weight of its disk access', option: 'blkioWeight', read: wholeNumber },
    {
      flags: '--device-read-bps <device:rate>',
      help: 'bytes a second from a device',
      option: 'deviceReadBps',
      read: bytesRate,
      several: true,
    },
    {
      flags: '--device-write-bps <device:rate>',
      help: 'bytes a second to a device',
      option: 'deviceWriteBps',
      read: bytesRate,
      several: true,
    },
    {
      flags: '--device-read-iops <device:rate>',
      help: 'reads a second from a device',
      option: 'deviceReadIops',
      read: operationsRate,
      several: true,
    },
    {
      flags: '--device-write-iops <device:rate>',
      help: 'writes a second to a device',
      option: 'deviceWriteIops',
      read: operationsRate,
      several: true,
    },
  ],
}

/** The long name, without dashes. */
export function nameOf({ flags }: ContainerFlag): string {
  return /--([a-z-]+)/.exec(flags)?.[1] ?? ''
}

function bytesRate(text: string, name: string): unknown {
  return parseDeviceRate(text, (rate) => parseMemory(rate, name))
}

function operationsRate(text: string, name: string): unknown {
  return parseDeviceRate(text, (rate) => wholeNumber(rate, name))
}
