import { AT_FDCWD, MOVE_OPENED } from './constants.ts'
import { TIE_DESCRIPTOR } from './monitor.ts'
import type { Plan } from './plan.ts'

/** The root file system of a container that has ids of its own: stacked before, as only the host's root may. */
export const ROOT_GIVEN = 'root file system'
/** Takes the number that is to be the tie's. */
export const PAST_THE_TIE = 'number of the tie'

/** Keeps numbers for what is given, to be called before others are. */
export function holdGiven({ program, facts }: Plan): void {
  for (const name of givenNames(facts)) {
    if (program.descriptors.length + FIRST === TIE_DESCRIPTOR) program.descriptor(PAST_THE_TIE)
    program.descriptor(name)
  }
}

/** The monitor needs none. */
export function letGoOfGiven({ program, facts }: Plan): void {
  if (facts.rootGiven !== true) return
  for (const name of [...givenNames(facts), PAST_THE_TIE])
    if (program.descriptors.includes(name)) program.row({ name: `let go of the ${name}`, call: 'close', args: [program.descriptor(name)] })
}

/** By the caller, who may go to where it is mounted. */
export function placeRoot({ program, facts }: Plan): void {
  if (facts.rootGiven !== true) return
  const { mountPoint } = facts.overlay
  program.row({
    name: `mount the root file system on ${mountPoint}`,
    call: 'move_mount',
    args: [program.descriptor(ROOT_GIVEN), '', AT_FDCWD, mountPoint, MOVE_OPENED],
    isolates: "root file system: the image's layers, on which files belong to the container's own ids",
  })
}

/** The first number that a program gives: behind stdin, stdout, stderr and the report. */
const FIRST = 4

function givenNames({ rootGiven, mountsGiven }: Plan['facts']): string[] {
  return rootGiven === true ? [ROOT_GIVEN, ...(mountsGiven?.values() ?? [])] : []
}
