import type { ContainerConfig, Healthcheck } from '@gocker/oci'
import { effectiveConfig, healthCheckOf } from '@gocker/run'
import { dictionary } from '../../format/values.ts'
import { shortId } from '../../terminal/amounts.ts'
import type { ContainerView } from '../container.ts'

/** What the container is whatever host it is on: the image's config, with what was asked for over it. */
export function configOf({ record, settings, spec }: ContainerView, image: ContainerConfig) {
  const config = spec === undefined ? image : effectiveConfig(image, record, spec)
  const { User = '', ExposedPorts, Env = [], Cmd = null, Volumes, WorkingDir = '', Entrypoint = null, OnBuild = null, Labels } = config
  return {
    Hostname: spec?.hostname ?? shortId(record.id),
    Domainname: settings.domainname ?? '',
    User,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    ...(ExposedPorts !== undefined && { ExposedPorts: dictionary(ExposedPorts) }),
    Tty: settings.tty ?? false,
    OpenStdin: settings.stdin ?? false,
    StdinOnce: settings.stdin ?? false,
    Env,
    Cmd,
    Image: record.image?.name ?? '',
    Volumes: Volumes == null ? null : dictionary(Volumes),
    WorkingDir,
    Entrypoint,
    OnBuild,
    Labels: dictionary(Labels),
    StopSignal: config.StopSignal,
    StopTimeout: settings.stopTimeout,
    Healthcheck: healthcheckOf(image, settings),
  }
}

function healthcheckOf(image: ContainerConfig, settings: ContainerView['settings']): Healthcheck | undefined {
  if (settings.noHealthcheck === true) return { Test: ['NONE'] }
  const check = healthCheckOf(image, settings)
  if (check === undefined) return undefined
  return {
    Test: settings.healthCmd === undefined ? (image.Healthcheck?.Test ?? []) : ['CMD-SHELL', settings.healthCmd],
    Interval: check.interval,
    Timeout: check.timeout,
    StartPeriod: check.startPeriod,
    StartInterval: check.startInterval,
    Retries: check.retries,
  }
}
