import { MOUNT_FLAGS, slot, VOLATILE_MARK, value } from '@gocker/kernel'
import {
  AT_FDCWD,
  AT_REMOVEDIR,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  MOVE_OPENED,
  mountFlags,
} from './constants.ts'
import type { Plan, PlanWith, Stacking } from './plan.ts'
import { isUnprivileged } from './user-namespace.ts'

/** mount(2) copies one page of options, whatever the machine's pages are. */
const LARGEST_DATA = 4095

/** Without these some kernels keep a renamed directory, or a file with another mode, as a reference to a layer below: no tar holds such a one. */
const PLAIN = [
  ['redirect_dir', 'off'],
  ['metacopy', 'off'],
] as const

/** In a user namespace the layers' attributes are `user.overlay.*` (Linux 5.11), and with that no directory is kept as a reference. */
const UNPRIVILEGED = [['userxattr'], ['metacopy', 'off']] as const

/** Each a key and its value, or a flag. */
type Options = readonly (readonly [key: string, value?: string])[]

/** The image's layers, unchangeable, with the container's own directory over them. */
export function overlay(plan: Plan): void {
  const { program, facts } = plan
  program.row({
    name: `go to ${facts.overlay.base}`,
    call: 'chdir',
    args: [facts.overlay.base],
    isolates: "root file system: the image's layers below, the container's own changes above",
  })
  const { isVolatile, work } = facts.overlay
  if (isVolatile === true) forgetVolatile(plan, work)
  mountStacked(plan, facts.overlay, isVolatile === true ? [['volatile']] : [])
}

/** Where it is started again; the power has not failed since, or nothing would be known of it. */
function forgetVolatile({ program }: Plan, work: string): void {
  const mark = `${work}/${VOLATILE_MARK}`
  const name = 'forget that nothing of the overlay was synced'
  program.row({ name, call: 'unlinkat', args: [AT_FDCWD, `${mark}/dirty`, 0], pass: ['ENOENT'] })
  program.row({ name, call: 'unlinkat', args: [AT_FDCWD, mark, AT_REMOVEDIR], pass: ['ENOENT'] })
}

/** The rows that mount an overlay; its directories may be named from the working directory. */
export function mountStacked(plan: PlanWith<'inUserNamespace'>, stacking: Stacking, more: Options = []): void {
  const { mountPoint } = stacking
  const plain = [...(isUnprivileged(plan) ? UNPRIVILEGED : PLAIN), ...more]
  const data = overlayData(stacking, plain)
  if (Buffer.byteLength(data) > LARGEST_DATA) mountManyLayers(plan.program, stacking, plain)
  else plan.program.row({ name: `mount overlay on ${mountPoint}`, call: 'mount', args: ['overlay', mountPoint, 'overlay', 0, data] })
}

/** One layer at a time, where the list does not fit into the page of mount(2): Linux 6.5. */
function mountManyLayers(program: Plan['program'], { lowers, upper, work, mountPoint }: Stacking, plain: Options): void {
  const context = slot('overlay context')
  const tree = slot('overlay mount')
  program.row({ name: 'begin an overlay', call: 'fsopen', args: ['overlay', 1], result: context })
  const options = [
    ...lowers.map((lower) => ['lowerdir+', lower] as const),
    ...(upper === undefined || work === undefined
      ? []
      : ([
          ['upperdir', upper],
          ['workdir', work],
        ] as const)),
    ...plain,
  ]
  for (const [key, text] of options) {
    const name =
      key === 'lowerdir+' ? `add layer ${text} to the overlay: more than fit one page need Linux 6.5` : `give the overlay its ${key}`
    const command = text === undefined ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING
    program.row({ name, call: 'fsconfig', args: [value(context), command, key, text ?? 0, 0] })
  }
  program.row({ name: 'finish the overlay', call: 'fsconfig', args: [value(context), FSCONFIG_CMD_CREATE, 0, 0, 0] })
  program.row({ name: 'make the overlay a mount', call: 'fsmount', args: [value(context), 1, 0], result: tree })
  const args = [value(tree), '', AT_FDCWD, mountPoint, MOVE_OPENED]
  program.row({ name: `mount overlay on ${mountPoint}`, call: 'move_mount', args })
}

function overlayData({ lowers, upper, work }: Stacking, plain: Options): string {
  const writable = upper === undefined || work === undefined ? [] : [`upperdir=${escapePath(upper)}`, `workdir=${escapePath(work)}`]
  return [`lowerdir=${lowers.map(escapeLower).join(':')}`, ...writable, ...plain.map((option) => option.join('='))].join(',')
}

/** A colon divides lower directories, a comma options, and a backslash takes both away. */
function escapeLower(path: string): string {
  return escapePath(path).replaceAll(':', '\\:')
}

function escapePath(path: string): string {
  return path.replace(/[\\,]/g, '\\$&')
}

/** What the host mounts from now on is not seen here, nor is seen there what is mounted here. */
export function privatePropagation({ program }: Plan): void {
  const flags = mountFlags(MOUNT_FLAGS.MS_REC | MOUNT_FLAGS.MS_PRIVATE)
  program.row({ name: 'let no mount spread to the host', call: 'mount', args: [0, '/', 0, flags, 0] })
}
