import { type CgroupEntry, slot, struct, value } from '@gocker/kernel'
import { enterCgroup, treeOf } from '../cgroup.ts'
import { AT_FDCWD, HOLD_DIRECTORY, OPEN_HOW_SIZE, RESOLVE_BENEATH, TO_READ, TO_WRITE } from '../constants.ts'
import type { PlanWith } from '../plan.ts'

/** What /proc/<pid>/cgroup begins with where v2 is the only tree. */
const V2_LINE = '0::'
const PATH_MAX = 4096
const HOW = struct([HOLD_DIRECTORY, 0, RESOLVE_BENEATH])
const SHARED_OUT = 'the cgroup is shared out'

/**
 * Enters the container's cgroup, or the one of its first process below it: a container that shares its cgroup out, as systemd does, has no
 * place for processes in its own. With v1 beside v2 a container has nothing to share out.
 * @param firstProcess its pid
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint
 */
export function joinCgroup(plan: PlanWith<'cgroup'>, firstProcess: number): void {
  const [entry, ...others] = plan.facts.cgroup.entries
  if (entry?.hierarchy !== 'v2' || others.length > 0) {
    enterCgroup(plan)
    return
  }
  enterCgroup(plan, { onBusy: SHARED_OUT })
  plan.program.jump('in the cgroup')
  plan.program.label(SHARED_OUT)
  followTheFirst(plan, entry, firstProcess)
  plan.program.label('in the cgroup')
}

function followTheFirst(plan: PlanWith<'cgroup'>, entry: CgroupEntry, firstProcess: number): void {
  const { program } = plan
  const [own, inner, file] = [slot("the container's cgroup"), slot('the inner cgroup'), slot('a cgroup file')]
  program.row({ name: 'close it', call: 'close', args: [value(file)], isolates: 'cgroup: where the container shares its own out' })
  const path = readPath(plan, entry, firstProcess)
  const args = [AT_FDCWD, entry.directory, HOLD_DIRECTORY]
  program.row({ name: `hold the cgroup in ${treeOf(entry, plan.spec)}`, call: 'openat', args, result: own })
  program.row({
    name: 'find the cgroup of the first process in it',
    call: 'openat2',
    args: [value(own), path, HOW, OPEN_HOW_SIZE],
    result: inner,
  })
  program.row({ name: 'open that cgroup', call: 'openat', args: [value(inner), 'cgroup.procs', TO_WRITE], result: file })
  program.row({ name: 'enter the cgroup of the first process', call: 'write', args: [value(file), '0', 1] })
  for (const each of [own, inner, file]) program.row({ name: 'close it', call: 'close', args: [value(each)] })
}

/** Where the first process is, from the container's cgroup on. The line is read twice: a path that ends with its line feed is none. */
function readPath({ program }: PlanWith, entry: CgroupEntry, firstProcess: number) {
  const [list, length, unended] = [slot('a cgroup file'), slot('length of the line'), slot('length of the path')]
  const [line, path] = [slot('line of the first process', PATH_MAX), slot('path of its cgroup', PATH_MAX)]
  const begin = Buffer.byteLength(`${V2_LINE}${entry.path}/`)
  const args = [AT_FDCWD, `/proc/${firstProcess}/cgroup`, TO_READ]
  program.row({ name: 'ask for the cgroup of the first process', call: 'openat', args, result: list })
  program.row({ name: 'see how long its path is', call: 'pread64', args: [value(list), line, PATH_MAX, begin], result: length })
  program.compare({ name: 'leave the line feed out', a: value(length), b: 1, result: unended })
  program.row({ name: 'read its path', call: 'pread64', args: [value(list), path, value(unended), begin] })
  program.row({ name: 'close it', call: 'close', args: [value(list)] })
  return path
}
