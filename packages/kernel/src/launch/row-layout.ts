/** The words of a row, as the walker (stub/x64.S, stub/arm64.S) reads them. */
export const ROW_WORDS = {
  number: 0,
  firstArgument: 1,
  indirect: 7,
  result: 8,
  pass: 9,
  onError: 10,
  onPositive: 11,
  onZero: 12,
} as const

export const ROW_SIZE = 13 * 8

/** Where the walker finds the address of the report descriptor's number; the rows follow. */
export const ROWS_PREFIX_ADDRESS = 0x2000_1000
export const ROWS_PREFIX_SIZE = 8

/** The number of a row that subtracts instead of calling. */
export const COMPARE = -1

/** Every error is passed over. */
export const PASS_ANY = -1

export function rowAddress(index: number): number {
  return ROWS_PREFIX_ADDRESS + ROWS_PREFIX_SIZE + index * ROW_SIZE
}

export function rowIndex(address: bigint): number {
  return (Number(address) - rowAddress(0)) / ROW_SIZE
}

/** 64 bits: a number where they fit, since a program has thousands of them and a bigint takes its time. */
export type Word = number | bigint

const HALF = 2 ** 32

/** @param halves the words of a little-endian machine, the lower half of each first */
export function putWord(halves: Int32Array, index: number, word: Word): void {
  const isBig = typeof word === 'bigint'
  halves[2 * index] = isBig ? Number(BigInt.asIntN(32, word)) : word | 0
  halves[2 * index + 1] = isBig ? Number(BigInt.asIntN(32, word >> 32n)) : Math.floor(word / HALF) | 0
}
