import type { ContainerRecord } from '@gocker/store'
import type { Row } from '../format/list.ts'
import { ago, shortId, size, span } from '../terminal/amounts.ts'
import type { ContainerView } from './container.ts'
import { mountsOf } from './mounts.ts'
import { type PortBindings, portsText } from './ports.ts'
import { labelsText } from './volume.ts'

export interface RowOptions {
  /** Ids and texts are cut to what identifies them. */
  readonly trunc: boolean
  readonly ports: PortBindings
  readonly sizes?: { readonly written: number; readonly all: number } | undefined
}

/** A container as docker's `ps` templates see it. @see https://docs.docker.com/reference/cli/docker/container/ls/#format */
export function containerRow(asked: ContainerView, { trunc, ports, sizes }: RowOptions): Row {
  const view = { ...asked }
  const { record } = view
  const created = new Date(record.created)
  const mounts = mountsOf(view)
  return {
    Command: quoted(commandOf(view), trunc),
    CreatedAt: localTime(created),
    ID: trunc ? shortId(record.id) : record.id,
    Image: imageText(record, trunc),
    Labels: labelsText(record.labels),
    LocalVolumes: `${mounts.filter(({ Type }) => Type === 'volume').length}`,
    Mounts: mounts.flatMap(({ Name, Source }) => cut(Name ?? Source, trunc ? 15 : undefined) || []).join(','),
    Names: record.name,
    Networks: networkNames(view).join(','),
    Ports: portsText(ports),
    RunningFor: ago(created.getTime()),
    Size: sizes === undefined ? '0B' : `${size(sizes.written)} (virtual ${size(sizes.all)})`,
    State: view.now.status,
    Status: statusText(view),
    Label: (name: string) => record.labels[name] ?? '',
  }
}

/** `Up 5 minutes (healthy)`, `Exited (0) 2 hours ago` */
export function statusText({ now, health }: Pick<ContainerView, 'now' | 'health'>): string {
  switch (now.status) {
    case 'created':
      return 'Created'
    case 'running':
      return `Up ${since(now.startedAt)}${health === undefined ? '' : ` (${HEALTH[health.status]})`}`
    case 'paused':
      return `Up ${since(now.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${now.exit?.code ?? 0}) ${agoText(now.finishedAt)}`.trimEnd()
    case 'exited':
      return `Exited (${now.exit?.code ?? 0}) ${agoText(now.finishedAt)}`.trimEnd()
    default:
      return 'Dead'
  }
}

const HEALTH = { starting: 'health: starting', healthy: 'healthy', unhealthy: 'unhealthy' } as const

function since(date: Date | undefined): string {
  return span(date === undefined ? 0 : Math.max(0, (Date.now() - date.getTime()) / 1000))
}

function agoText(date: Date | undefined): string {
  return date === undefined ? '' : ago(date.getTime())
}

/** What runs, word by word. */
export function commandOf({ spec }: ContainerView): readonly string[] {
  return spec?.process.args ?? []
}

function quoted(words: readonly string[], trunc: boolean): string {
  return JSON.stringify(cut(words.join(' '), trunc ? 20 : undefined))
}

function cut(text: string, length: number | undefined): string {
  return length === undefined || text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

function imageText({ image }: ContainerRecord, trunc: boolean): string {
  const name = image?.name ?? ''
  return trunc && /^sha256:[0-9a-f]{64}$/.test(name) ? shortId(name) : name
}

/** Those that it is on, and would be on where it does not run. */
export function networkNames({ networks, settings }: Pick<ContainerView, 'networks' | 'settings'>): string[] {
  if (networks !== undefined && networks.endpoints.length > 0) return networks.endpoints.map(({ network }) => network)
  return [...new Set([settings.network ?? 'bridge', ...Object.keys(settings.endpoints ?? {})])]
}

/** `2024-05-06 07:08:09 +0000 UTC` */
export function localTime(date: Date): string {
  const two = (number: number) => `${number}`.padStart(2, '0')
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  const name = offset === 0 ? 'UTC' : zone.replace(/00$/, '')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone} ${name}`
}
