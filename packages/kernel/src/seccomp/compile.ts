import { KernelError } from '../error.ts'
import { actionValue, FOREIGN_ARCHITECTURE, letsThrough } from './actions.ts'
import { type Architecture, architecturesOf } from './architectures.ts'
import { Assembler, type Label, TESTS } from './assembler.ts'
import { emitAlternative } from './comparison.ts'
import { checkDefaultAction } from './notify.ts'
import type { Machine, SeccompProfile } from './profile.ts'
import { type Segment, segmentsOf, segmentsOfX64 } from './segments.ts'
import { callRules, type NumberSpace, numberSpace, type Verdict } from './verdict.ts'

const MAX_INSTRUCTIONS = 4096

// In struct seccomp_data.
const NUMBER_OFFSET = 0
const ARCHITECTURE_OFFSET = 4

/**
 * The filter for seccomp(2): an array of `struct sock_filter`, at most 4096. It answers as the filter that runc makes
 * with libseccomp of the same profile:
 *
 * - calls of an architecture that the profile does not name kill the thread; names unknown to an architecture are skipped;
 * - of the rules for one call, one without conditions covers the others. Where the conditions of rules with different
 *   actions overlap, the first rule in the profile decides (libseccomp has an order of its own, or refuses);
 * - calls newer than any in the profile answer `ENOSYS`, unless the default lets calls through.
 *
 * The instruction pointer is not looked at, and one search tree over the numbers leads to each answer.
 * @throws {KernelError} `EINVAL` for a profile that cannot be meant, `E2BIG`
 * @see https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
 */
export function compileSeccomp(profile: SeccompProfile, machine: Machine): Buffer {
  checkDefaultAction(profile.defaultAction)
  const defaultAction = actionValue(profile.defaultAction, profile.defaultErrnoRet)
  const rules = callRules(profile)
  const spaces = architecturesOf(machine, profile.architectures ?? []).map((architecture) => ({
    architecture,
    space: numberSpace(architecture, rules, defaultAction),
  }))
  const assembler = new Assembler()
  emitFilter(assembler, searches(spaces, { hidesNewer: !letsThrough(profile.defaultAction) }), defaultAction)
  return checkLength(assembler).finish()
}

interface Search {
  readonly audit: number
  readonly segments: readonly Segment[]
}

function searches(spaces: readonly { architecture: Architecture; space: NumberSpace }[], options: { hidesNewer: boolean }): Search[] {
  const x32 = spaces.find(({ architecture }) => architecture.name === 'SCMP_ARCH_X32')
  return spaces
    .filter((each) => each !== x32)
    .map(({ architecture: { name, audit }, space }) => ({
      audit,
      segments: name === 'SCMP_ARCH_X86_64' ? segmentsOfX64(space, { ...options, x32: x32?.space }) : segmentsOf(space, options),
    }))
}

// The machine's own architecture comes first in the program, so it is written last.
function emitFilter(assembler: Assembler, searches: readonly Search[], defaultAction: number): void {
  const entries = searches.toReversed().map(({ audit, segments }) => {
    const search = emitSearch(assembler, segments, { low: 0, high: segments.length - 1, defaultAction })
    return { audit, start: assembler.load(NUMBER_OFFSET, search) }
  })
  const dispatch = entries.reduce<Label>(
    (otherwise, { audit, start }) => assembler.test(TESTS.equal, audit, start, otherwise),
    assembler.return(FOREIGN_ARCHITECTURE),
  )
  assembler.load(ARCHITECTURE_OFFSET, dispatch)
}

function emitSearch(
  assembler: Assembler,
  segments: readonly Segment[],
  range: { low: number; high: number; defaultAction: number },
): Label {
  const { low, high, defaultAction } = range
  const middle = (low + high + 1) >> 1
  const segment = segments[middle] as Segment
  if (low === high) return emitVerdict(assembler, segment.verdict, defaultAction)
  const upper = emitSearch(assembler, segments, { ...range, low: middle })
  const lower = emitSearch(assembler, segments, { ...range, high: middle - 1 })
  return assembler.test(TESTS.atLeast, segment.from, upper, lower)
}

function emitVerdict(assembler: Assembler, verdict: Verdict, defaultAction: number): Label {
  if (typeof verdict === 'number') return assembler.return(verdict)
  return verdict.reduceRight<Label>(
    (otherwise, alternative) => emitAlternative(assembler, alternative, otherwise),
    assembler.return(defaultAction),
  )
}

function checkLength(assembler: Assembler): Assembler {
  if (assembler.length <= MAX_INSTRUCTIONS) return assembler
  const why = `the filter would have ${assembler.length} instructions, and the kernel takes ${MAX_INSTRUCTIONS}`
  throw new KernelError('E2BIG', `compiling the seccomp profile: ${why}`, { syscall: 'seccomp' })
}
