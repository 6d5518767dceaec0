import { type Mutating, mutateBytes } from './mutate-bytes.ts'

/** A reader of what strangers wrote. */
export interface FuzzTarget {
  /** Beside the files of `corpus/<name>`: made in code. */
  readonly seeds: readonly Buffer[]
  readonly words?: readonly string[]
  /** {@link mutateBytes} unless given. */
  readonly mutate?: (bytes: Buffer, mutating: Mutating) => Buffer
  /** Called once in the thread that reads. @param directory of its own, empty */
  readonly prepare?: (directory: string) => void
  /** Reads, and throws for what it must not have come to. */
  readonly read: (bytes: Buffer) => void
  /** Whether an error is a reader's answer to bad input. */
  readonly isRefusal: (error: unknown) => boolean
}

export function mutated(target: FuzzTarget, bytes: Buffer, mutating: Mutating): Buffer {
  return (target.mutate ?? mutateBytes)(bytes, mutating)
}
