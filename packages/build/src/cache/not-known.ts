/** A step's result is not known, and nothing is to be made now. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown'

  constructor() {
    super('a step has to be done')
  }
}
