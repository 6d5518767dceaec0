import { openStore, readEvents, type StoreEvent } from '@gocker/store'
import type { Command } from 'commander'
import { FormatError } from '../format/error.ts'
import { type Filters, hasLabels, readFilters } from '../format/filters.ts'
import { readMoment } from '../format/moment.ts'
import { compileTemplate } from '../format/template.ts'
import { dictionary } from '../format/values.ts'
import { interruptible } from '../interrupt.ts'
import { collect } from '../option-values.ts'

interface EventsFlags {
  readonly filter: readonly string[]
  readonly format?: string
  readonly since?: string
  readonly until?: string
}

export function define(command: Command): void {
  command
    .option('-f, --filter <key=value>', 'only some: type=, event=, container=, image=, network=, volume=, label=', collect, [])
    .option('--format <format>', "json, or a template such as '{{.Type}} {{.Action}} {{.Actor.ID}}'")
    .option('--since <time>', 'also what was before, from that time on: 10m, 2024-05-06T07:08:09')
    .option('--until <time>', 'what is until that time, and no longer')
    .addHelpText('after', '\nExamples:\n  gocker events --filter container=web\n  gocker events --since 1h --until 0s --format json')
    .action(showEvents)
}

const FILTERS = ['type', 'event', 'container', 'image', 'network', 'volume', 'label', 'scope']

async function showEvents({ filter, format, since, until }: EventsFlags): Promise<void> {
  const filters = readFilters(filter, FILTERS)
  const text = eventFormat(format)
  const options = {
    since: since === undefined ? new Date() : readMoment(since, '--since'),
    ...(until !== undefined && { until: readMoment(until, '--until') }),
  }
  const store = await openStore()
  const follow = options.until === undefined || options.until.getTime() > Date.now()
  await interruptible(async (signal) => {
    for await (const event of readEvents(store, { ...options, follow, signal }))
      if (isWanted(event, filters)) process.stdout.write(`${text(event)}\n`)
  })
}

function isWanted({ Type, Action, Actor }: StoreEvent, filters: Filters): boolean {
  const { ID, Attributes = {} } = Actor
  const isAbout = (type: string) => {
    const wanted = filters[type]
    if (wanted === undefined) return true
    const own = Type === type && wanted.some((name) => name === Attributes.name || ID.startsWith(name))
    return own || (type !== 'container' && wanted.some((name) => name === Attributes[type]))
  }
  const isOneOf = (wanted: readonly string[] | undefined, value: string) => wanted === undefined || wanted.includes(value)
  return (
    isOneOf(filters.type, Type) &&
    isOneOf(filters.event, Action) &&
    isOneOf(filters.scope, 'local') &&
    ['container', 'image', 'network', 'volume'].every(isAbout) &&
    hasLabels(Attributes, filters.label)
  )
}

/** @throws {FormatError} */
function eventFormat(format: string | undefined): (event: StoreEvent) => string {
  if (format === undefined || format === '') return eventLine
  if (format === 'json') return (event) => JSON.stringify(documentOf(event))
  if (/^table\b/.test(format))
    throw new FormatError('formatting events as a table: events come one by one, so no table can be made of them')
  const template = compileTemplate(format)
  return (event) => template(templateValue(event))
}

/** With what older clients of docker's read. */
function documentOf({ time, timeNano, Type, Action, Actor }: StoreEvent) {
  const from = Actor.Attributes.image
  return {
    ...(Type === 'container' && { status: Action, id: Actor.ID, from: from ?? '' }),
    Type,
    Action,
    Actor: { ID: Actor.ID, Attributes: dictionary(Actor.Attributes) },
    scope: 'local',
    time,
    timeNano,
  }
}

/** In templates the fields have capitals. */
function templateValue(event: StoreEvent) {
  const { time, timeNano, scope, status = '', id = '', from = '', ...rest } = documentOf(event)
  return { ...rest, Scope: scope, Time: time, TimeNano: timeNano, Status: status, ID: id, From: from }
}

/** `2024-05-06T07:08:09.000000000Z container start 0123abcd (image=debian, name=web)` */
function eventLine({ timeNano, Type, Action, Actor }: StoreEvent): string {
  const attributes = Object.entries(Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
  const rest = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`
  return `${localTimestamp(new Date(timeNano / 1e6))} ${Type} ${Action} ${Actor.ID}${rest}`
}

/** RFC 3339 with nine digits, in the local zone. */
function localTimestamp(date: Date): string {
  const offset = -date.getTimezoneOffset()
  const two = (number: number) => `${Math.floor(number)}`.padStart(2, '0')
  const zone = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1)
  return `${local}000000${zone}`
}
