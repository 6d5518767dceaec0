import { StringDecoder } from 'node:string_decoder'

/** Splits what a program prints into lines, and remembers the last of them. */
export class OutputTail {
  readonly #decoder = new StringDecoder('utf8')
  readonly #kept: string[] = []
  readonly #keep: number
  #open = ''

  constructor(keep: number) {
    this.#keep = keep
  }

  /** @returns the lines that the chunk ends */
  take(chunk: Uint8Array): string[] {
    const lines = (this.#open + this.#decoder.write(chunk)).split('\n')
    this.#open = lines.pop() ?? ''
    this.#kept.push(...lines.slice(-this.#keep || lines.length))
    this.#kept.splice(0, Math.max(0, this.#kept.length - this.#keep))
    return lines.map(printed)
  }

  /** The line that has not ended, as one; none when it is empty. */
  rest(): string[] {
    const open = this.#open + this.#decoder.end()
    this.#open = ''
    return open === '' ? [] : [printed(open)]
  }

  /** The last lines, the open one with them. */
  lines(): string[] {
    return [...this.#kept, this.#open].filter((line) => line !== '').map(printed)
  }

  get last(): string {
    return this.lines().at(-1) ?? ''
  }
}

/** What a terminal would show of a line: what follows the last carriage return, without control characters. */
function printed(line: string): string {
  const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
  return shown.replace(/\u001B\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000B-\u001F\u007F]/g, '')
}
