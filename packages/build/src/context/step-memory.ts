/** Knows steps that make no layer, and so have no place in the cache, from earlier builds of a context. */
export interface StepMemory {
  /**
   * Whether an earlier build has come to the same by the same steps; from now on it has.
   * @param key of all that the stage has come to
   */
  wasTaken(key: string): boolean
}
