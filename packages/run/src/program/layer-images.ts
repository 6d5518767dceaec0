import { slot, value } from '@gocker/kernel'
import { AT_FDCWD, CLONE_OPENED_TREE, MOVE_OPENED } from './constants.ts'
import { GATE } from './gate.ts'
import { TIE_DESCRIPTOR } from './monitor.ts'
import type { Plan } from './plan.ts'
import { CONSOLE_DESCRIPTOR } from './terminal.ts'

/** What the program calls the tree of a layer that is an image; the second where the first would be lost, as its number is the tie's. */
export function imageDescriptors(directory: string): readonly [string, string] {
  return [`image of ${directory}`, `image of ${directory}, past the tie`]
}

/** Keeps numbers for the images, to be called before others are given. */
export function holdImages(plan: Plan): void {
  const { program, spec, facts } = plan
  if (facts.images === undefined) return
  // The container uses these, too: there may be many images, and the tie takes one number.
  if (spec.process.terminal) program.descriptor(CONSOLE_DESCRIPTOR)
  if (facts.network !== undefined) program.descriptor(GATE)
  for (const { directory } of facts.images) numberOf(program, directory)
}

/** The monitor needs none, unless others may want copies of them. */
export function letGoOfImages(plan: Plan): void {
  const { program, facts } = plan
  for (const { directory, isShared } of facts.images ?? [])
    for (const name of imageDescriptors(directory))
      if (!isShared && program.descriptors.includes(name))
        program.row({ name: `let go of the ${name}`, call: 'close', args: [program.descriptor(name)] })
}

/** Each in the directory that stands for it in the overlay. gocker has mounted them nowhere, as only the host's root may. */
export function placeImages(plan: Plan): void {
  for (const { directory, isShared } of plan.facts.images ?? []) {
    const number = numberOf(plan.program, directory)
    if (isShared) placeCopy(plan, { number, directory })
    else place(plan, directory, number)
  }
}

/** The monitor keeps the one that gocker gave: of it, others take theirs as long as the container runs, and so have the same pages in memory. */
function placeCopy(plan: Plan, { number, directory }: { readonly number: number; readonly directory: string }): void {
  const copy = slot("a layer's image")
  plan.program.row({ name: `copy the mount of ${directory}`, call: 'open_tree', args: [number, '', CLONE_OPENED_TREE], result: copy })
  place(plan, directory, value(copy))
  plan.program.row({ name: 'close the copy', call: 'close', args: [value(copy)] })
}

function place({ program }: Plan, directory: string, mounted: number | ReturnType<typeof value>): void {
  program.row({
    name: `mount a layer's image on ${directory}`,
    call: 'move_mount',
    args: [mounted, '', AT_FDCWD, directory, MOVE_OPENED],
    isolates: 'layers that are files: mounted where nobody else sees it',
  })
}

/** Of the descriptor by which an image comes, in the monitor and in the container's part. */
export function numberOf(program: Plan['program'], directory: string): number {
  const [name, past] = imageDescriptors(directory)
  const number = program.descriptor(name)
  return number === TIE_DESCRIPTOR ? program.descriptor(past) : number
}
