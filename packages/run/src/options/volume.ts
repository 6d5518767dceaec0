import { resolve } from 'node:path'
import { invalidOption } from '../error.ts'
import { readDestination, readVolumeName } from './destination.ts'
import { isPropagation, type MountRequest, type Propagation } from './mount-request.ts'

interface VolumeModes {
  readonly readOnly: boolean
  readonly copy: boolean
  readonly propagation: Propagation | undefined
  readonly idmap: boolean
}

/** Labels of SELinux, and hints to Docker Desktop: nothing to do here. */
const IGNORED_MODES = new Set(['z', 'Z', 'consistent', 'cached', 'delegated', 'default'])

/**
 * Reads `-v`: `/container`, `name:/container`, `/host:/container:ro`, `./host:/container:ro,rslave`.
 * @throws {RunError} `INVALID_OPTION`
 * @see https://docs.docker.com/engine/storage/volumes/#options-for---volume
 */
export function parseVolume(text: string): MountRequest {
  const [first = '', second, third, ...rest] = text.split(':')
  if (rest.length > 0) throw invalidOption('volume', text, 'not [source:]destination[:options]')
  if (second === undefined) return volume(undefined, first, readModes('', text), text)
  if (first === '') throw invalidOption('volume', text, 'the source is empty')
  const modes = readModes(third ?? '', text)
  return /^[./]/.test(first) ? bind(first, second, modes, text) : volume(first, second, modes, text)
}

function bind(source: string, destination: string, { readOnly, propagation = 'rprivate', idmap }: VolumeModes, text: string): MountRequest {
  return {
    type: 'bind',
    source: resolve(source),
    destination: readDestination(destination, 'volume', text),
    readOnly,
    recursive: true,
    propagation,
    createSource: true,
    ...(idmap && { idmap }),
  }
}

function volume(name: string | undefined, destination: string, { readOnly, copy, propagation }: VolumeModes, text: string): MountRequest {
  if (propagation !== undefined) throw invalidOption('volume', text, `${propagation} is for directories of the host`)
  return {
    type: 'volume',
    name: name === undefined ? undefined : readVolumeName(name, 'volume', text),
    destination: readDestination(destination, 'volume', text),
    readOnly,
    copy,
  }
}

function readModes(text: string, whole: string): VolumeModes {
  const words = text === '' ? [] : text.split(',')
  const propagations = words.filter(isPropagation)
  const known = (word: string) => ['ro', 'rro', 'rw', 'nocopy', 'idmap'].includes(word) || isPropagation(word) || IGNORED_MODES.has(word)
  const wrong = words.find((word) => !known(word))
  if (wrong !== undefined) throw invalidOption('volume', whole, `no option is called ${JSON.stringify(wrong)}`)
  const readOnly = words.includes('ro') || words.includes('rro')
  if (readOnly && words.includes('rw')) throw invalidOption('volume', whole, 'both ro and rw')
  if (propagations.length > 1) throw invalidOption('volume', whole, 'more than one propagation')
  return { readOnly, copy: !words.includes('nocopy'), propagation: propagations[0], idmap: words.includes('idmap') }
}
