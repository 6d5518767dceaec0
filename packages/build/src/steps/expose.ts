import { BuildError } from '../error.ts'
import type { ExposeInstruction } from '../instructions/expose.ts'
import { withStep } from '../stage/stage-state.ts'
import { expandedWords, type MetadataStep } from '../stage/step-context.ts'

/** `[[address:]host-port:]port[-port][/protocol]`; what stands before the container's port is read over, as docker does. */
const PORTS = /^(?:(?:\[[0-9a-f:.]+\]|[0-9a-f:.]*):)?(?:\d{1,5}(?:-\d{1,5})?:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp)?)?$/i

export const expose: MetadataStep<ExposeInstruction> = (instruction, context) => {
  const { state } = context
  const words = instruction.ports.flatMap((word) => expandedWords(word, instruction, context))
  const ports = words.flatMap((word) => portsOf(word, instruction))
  const ExposedPorts = { ...state.config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) }
  return withStep({ ...state, config: { ...state.config, ExposedPorts } }, { text: `EXPOSE [${ports.join(' ')}]`, created: state.created })
}

/** `80`, `80/udp` or `8000-8010` as docker's keys: `80/tcp`. */
function portsOf(word: string, { at }: ExposeInstruction): string[] {
  const [, first, last = first, protocol = 'tcp'] = PORTS.exec(word) ?? []
  const [from, to] = [Number(first), Number(last)]
  if (first === undefined || from > to || to > 65_535)
    throw new BuildError('SYNTAX', `EXPOSE: ${JSON.stringify(word)} is no port`, { at, hint: 'such as 80, 53/udp or 8000-8010' })
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`)
}
