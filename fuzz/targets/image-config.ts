import { encodeProgram, KernelError } from '@gocker/kernel'
import { OciError, parseImageConfig } from '@gocker/oci'
import { schemaFor } from '@gocker/testkit'
import { RunError } from '../../packages/run/src/error.ts'
import { healthCheckOf } from '../../packages/run/src/life/health/health-check.ts'
import { parseExposedPort } from '../../packages/run/src/options/port.ts'
import { toLaunchProgram } from '../../packages/run/src/program/launch-program.ts'
import { toRuntimeSpec } from '../../packages/run/src/spec/runtime-spec.ts'
import { identityOf } from '../../packages/run/src/spec/user.ts'
import { foreseeMounts } from '../../packages/run/src/volumes/resolve.ts'
import { mutateJson } from '../engine/mutate-json.ts'
import type { FuzzTarget } from '../engine/target.ts'
import { CAPABILITIES, FACTS } from './container-facts.ts'

const USER_FILES = { passwd: 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:\n', group: 'root:x:0:\nstaff:x:50:alice\n' }
const HOST = { hostname: 'host', environment: { PATH: '/bin' }, devices: new Map(), canLimitSwap: true }

/** The config of an image, up to the program of a container of it: it is valid by the runtime spec's schema, and can be encoded. */
export const imageConfig: FuzzTarget = {
  seeds: [
    { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [`sha256:${'ab'.repeat(32)}`] }, config: { Cmd: ['sh'] } },
    {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [] },
      history: [{ created: '2020-01-01T00:00:00Z', created_by: 'x', empty_layer: true }],
      config: {
        User: 'alice:staff',
        ExposedPorts: { '80/tcp': {}, '53-54/udp': {} },
        Env: ['PATH=/bin', 'A=b=c', 'EMPTY='],
        Entrypoint: ['/entry'],
        Cmd: ['a', 'b'],
        Volumes: { '/data': {} },
        WorkingDir: '/srv/../app',
        Labels: { a: 'b' },
        StopSignal: 'SIGQUIT',
        Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 1_000_000_000, Timeout: 1, StartPeriod: 1, StartInterval: 1, Retries: 3 },
        OnBuild: ['RUN x'],
        Shell: ['/bin/bash', '-c'],
      },
    },
  ].map((document) => Buffer.from(JSON.stringify(document))),
  words: ['/proc/self/fd/7', '/proc', '../..', '0:0', '4294967295', '65536/tcp', 'CMD', 'NONE', '=', 'SIGKILL'],
  mutate: mutateJson,
  read(bytes) {
    const { config = {} } = parseImageConfig(bytes)
    healthCheckOf(config, {})
    Object.keys(config.ExposedPorts ?? {}).map(parseExposedPort)
    const context = {
      store: { paths: { volume: (name: string) => `/v/${name}`, bundle: () => ({ volumes: '/c/volumes' }) } },
      id: 'x',
      config,
    }
    const mounts = foreseeMounts([], context as unknown as Parameters<typeof foreseeMounts>[1])
    const spec = toRuntimeSpec({
      id: 'x'.repeat(64),
      config,
      options: {},
      identity: identityOf(config.User ?? '', USER_FILES),
      host: HOST as unknown as Parameters<typeof toRuntimeSpec>[0]['host'],
      mounts,
      files: {},
      devices: [],
      capabilities: CAPABILITIES,
      seccomp: undefined,
      cgroupsPath: '/gocker/x',
    })
    const wrong = validate(spec)
    if (wrong.length > 0) throw new Error(`config.json is not valid: ${wrong.join(', ')}`)
    encodeProgram(toLaunchProgram(spec, FACTS), 'x64')
  },
  isRefusal: (error) => error instanceof OciError || error instanceof RunError || error instanceof KernelError,
}

const validate = schemaFor('runtime-config')
