import type { NetworkDefinition } from '@gocker/store'
import { RunError } from '../error.ts'
import { DEFAULT_NETWORK } from '../options/network.ts'

/** Options of docker's bridge driver that have a meaning here. */
const BRIDGE_NAME = 'com.docker.network.bridge.name'
const MTU = ['com.docker.network.driver.mtu', 'mtu']
/** Those that say what is so anyway. */
const TRUE_ANYWAY: Readonly<Record<string, string>> = {
  'com.docker.network.bridge.enable_icc': 'true',
  'com.docker.network.bridge.enable_ip_masquerade': 'true',
  'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
}

const LONGEST_LINK_NAME = 15
const [LEAST_MTU, MOST_MTU] = [68, 65_535]

type Options = Pick<NetworkDefinition, 'options'>

export function isDefault({ name }: Pick<NetworkDefinition, 'name'>): boolean {
  return name === DEFAULT_NETWORK
}

/** The name of its link, where it was asked for. */
export function bridgeOption({ options }: Options): string | undefined {
  return options[BRIDGE_NAME]
}

/** Bytes. */
export function mtuOption({ options }: Options): number | undefined {
  const text = MTU.map((name) => options[name]).find((value) => value !== undefined)
  return text === undefined ? undefined : Number(text)
}

/** @throws {RunError} `INVALID_OPTION` for what is unknown, or cannot be had */
export function checkOptions(options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (name === BRIDGE_NAME) checkLinkName(value)
    else if (MTU.includes(name)) checkMtu(value)
    else if (TRUE_ANYWAY[name] !== value)
      throw refused(name, value, name in TRUE_ANYWAY ? 'that is not to be had' : 'no such option is known')
  }
}

function checkLinkName(value: string): void {
  if (!/^[^\s/:]+$/.test(value) || value === '.' || value === '..') throw refused(BRIDGE_NAME, value, 'not a name for a link')
  if (Buffer.byteLength(value) > LONGEST_LINK_NAME) throw refused(BRIDGE_NAME, value, `longer than ${LONGEST_LINK_NAME} bytes`)
}

function checkMtu(value: string): void {
  const mtu = Number(value)
  if (!/^\d+$/.test(value) || mtu < LEAST_MTU || mtu > MOST_MTU)
    throw refused('mtu', value, `not a number from ${LEAST_MTU} to ${MOST_MTU}`)
}

function refused(name: string, value: string, why: string): RunError {
  return new RunError('INVALID_OPTION', `setting network option ${name}=${value}: ${why}`, {
    hint: `there are ${BRIDGE_NAME} and ${MTU[0]}`,
  })
}
