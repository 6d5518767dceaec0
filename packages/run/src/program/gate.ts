import { slot } from '@gocker/kernel'
import type { PlanWith } from './plan.ts'

/** The read end of a pipe: a byte says that the network is there; its end, that gocker has given up. */
export const GATE = 'gate'

/** How the program calls the sockets that hold published ports. */
export function portDescriptor(index: number): string {
  return `published port ${index + 1}`
}

/** Late, so that gocker makes the network while the mounts are made. */
export function waitAtGate({ program, facts }: PlanWith<'network'>): void {
  if (facts.network === undefined) return
  // Before the ports, of which there may be many: above it there is a descriptor that the container makes for itself, the tie.
  const gate = program.descriptor(GATE)
  // Only the monitor keeps them: to have them is all that they are for.
  for (let index = 0; index < facts.network.ports; index++) program.descriptor(portDescriptor(index))
  program.row({
    name: 'wait until the network is there',
    call: 'read',
    args: [gate, slot('nothing'), 1],
    onZero: 'end',
    isolates: 'network: a wire to a bridge, made by gocker meanwhile',
  })
}
