import { StringDecoder } from 'node:string_decoder'

/** Splits what a program prints into lines, each of its streams by itself, and remembers the last of them. */
export class OutputTail {
  readonly #open = new Map<string, OpenLine>()
  readonly #kept: string[] = []
  readonly #keep: number

  constructor(keep: number) {
    this.#keep = keep
  }

  /** @returns the lines that the chunk ends */
  take(chunk: Uint8Array, stream: string): string[] {
    const open = this.#open.get(stream) ?? { decoder: new StringDecoder('utf8'), text: '' }
    this.#open.set(stream, open)
    const lines = (open.text + open.decoder.write(chunk)).split('\n')
    open.text = lines.pop() ?? ''
    this.#kept.push(...lines.slice(-this.#keep || lines.length))
    this.#kept.splice(0, Math.max(0, this.#kept.length - this.#keep))
    return lines.map(printed)
  }

  /** The lines that have not ended, without the empty ones. */
  rest(): string[] {
    const texts = [...this.#open.values()].map(({ decoder, text }) => text + decoder.end())
    this.#open.clear()
    return texts.filter((text) => text !== '').map(printed)
  }

  /** The last lines, the open ones with them. */
  lines(): string[] {
    const open = [...this.#open.values()].map(({ text }) => text)
    return [...this.#kept, ...open].filter((line) => line !== '').map(printed)
  }

  get last(): string {
    return this.lines().at(-1) ?? ''
  }
}

interface OpenLine {
  readonly decoder: StringDecoder
  text: string
}

/** What a terminal would show of a line: what follows the last carriage return, without control characters. */
function printed(line: string): string {
  const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
  return shown.replace(/\u001B\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000B-\u001F\u007F]/g, '')
}
