import { Transform } from 'node:stream'
import { RunError } from '@gocker/run'

/** What ctrl makes of them; of letters it is their place in the alphabet. */
const CONTROL = '@abcdefghijklmnopqrstuvwxyz[\\]^_'

/**
 * Reads a sequence of keys as docker writes it: characters and `ctrl-<character>`, separated by commas. An empty one is no key at all.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseDetachKeys(text: string): Buffer {
  if (text === '') return Buffer.alloc(0)
  return Buffer.from(text.split(',').map((key) => byteOf(key, text)))
}

function byteOf(key: string, text: string): number {
  if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0)
  const [, letter = ''] = /^ctrl-(.)$/i.exec(key) ?? []
  const control = letter === '' ? -1 : CONTROL.indexOf(letter.toLowerCase())
  if (control >= 0) return control
  throw new RunError('INVALID_OPTION', `reading --detach-keys ${JSON.stringify(text)}: ${JSON.stringify(key)} is no key`, {
    hint: 'write characters and ctrl-<a-z, @, [, \\, ], ^ or _>, separated by commas: ctrl-p,ctrl-q',
  })
}

/** Passes on what is typed until a sequence of keys, and ends there. The beginning of one is kept back until it is known to be none. */
export class DetachFilter extends Transform {
  readonly #keys: Buffer
  readonly #detach: () => void
  #matched = 0
  #isDetached = false

  /** @param detach called when all that was typed before the sequence has been read */
  constructor(keys: Buffer, detach: () => void) {
    super()
    this.#keys = keys
    this.#detach = detach
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const passed: number[] = []
    for (const byte of chunk) if (!this.#isDetached) this.#take(byte, passed)
    if (passed.length > 0) this.push(Buffer.from(passed))
    done()
  }

  override _flush(done: () => void): void {
    if (!this.#isDetached) this.push(this.#keys.subarray(0, this.#matched))
    done()
  }

  /** Where the sequence is broken off, its end may be another one's beginning. */
  #take(byte: number, passed: number[]): void {
    const typed = Buffer.from([...this.#keys.subarray(0, this.#matched), byte])
    for (let begin = 0; begin <= typed.length; begin++) {
      const end = typed.subarray(begin)
      if (!this.#keys.subarray(0, end.length).equals(end)) continue
      passed.push(...typed.subarray(0, begin))
      this.#matched = end.length
      break
    }
    if (this.#keys.length === 0 || this.#matched < this.#keys.length) return
    this.#isDetached = true
    this.once('end', this.#detach)
    this.end()
  }
}
