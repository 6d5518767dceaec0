import { FormatError } from './error.ts'
import { readMoment } from './moment.ts'

/** What `--filter key=value` asks for: the values of each key. */
export type Filters = Readonly<Record<string, readonly string[]>>

/**
 * Reads the texts of `--filter`. Of several values of one key one has to fit; of several keys all.
 * @param known the keys that there are
 * @throws {FormatError}
 */
export function readFilters(texts: readonly string[], known: readonly string[]): Filters {
  const filters: Record<string, string[]> = {}
  for (const text of texts) {
    const [, key, value] = /^([^=!]+?)(?<!=)=([\s\S]*)$/.exec(text) ?? /^(label!)=([\s\S]*)$/.exec(text) ?? []
    if (key === undefined || value === undefined)
      throw new FormatError(`reading filter ${JSON.stringify(text)}: not key=value`, keysHint(known))
    if (!known.includes(key)) throw new FormatError(`reading filter ${JSON.stringify(text)}: no filter is called ${key}`, keysHint(known))
    filters[key] = [...(filters[key] ?? []), value]
  }
  return filters
}

function keysHint(known: readonly string[]): { hint: string } {
  return { hint: `there are ${known.join(', ')}` }
}

/** Whether the labels have all that is asked for: `name`, or `name=value`. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[] = []): boolean {
  return wanted.every((text) => {
    const at = text.indexOf('=')
    const [name, value] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
    return Object.hasOwn(labels, name) && (value === undefined || labels[name] === value)
  })
}

/** Whether the labels fit the filters `label` and `label!`. */
export function fitsLabels(labels: Readonly<Record<string, string>>, { label, 'label!': without = [] }: Filters): boolean {
  return hasLabels(labels, label) && without.every((text) => !hasLabels(labels, [text]))
}

/** Whether what was created at this ISO 8601 date was so before the filter `until`. @throws {RunError} `INVALID_OPTION` */
export function agedBy({ until }: Filters): (created: string) => boolean {
  const border = until?.map((text) => readMoment(text, '--filter until=').toISOString()).at(-1)
  return (created) => border === undefined || created < border
}

/** Whether one of the wanted texts is part of one of the names; docker takes them for regular expressions, and so they may be. */
export function fitsName(names: readonly string[], wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return true
  return wanted.some((text) => {
    const pattern = patternOf(text)
    return names.some((name) => pattern.test(name))
  })
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (cause) {
    throw new FormatError(`reading filter "name=${text}": not a regular expression`, { cause })
  }
}

/** The one value of a key that takes a yes or a no. @throws {FormatError} */
export function readFlag(filters: Filters, key: string): boolean | undefined {
  const value = filters[key]?.at(-1)
  if (value === undefined) return undefined
  if (['true', '1', 't', 'True', 'TRUE'].includes(value)) return true
  if (['false', '0', 'f', 'False', 'FALSE'].includes(value)) return false
  throw new FormatError(`reading filter "${key}=${value}": not true or false`)
}
