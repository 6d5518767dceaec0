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
export const COMPARE = -1n

/** Every error is passed over. */
export const PASS_ANY = -1n

export function rowAddress(index: number): number {
  return ROWS_PREFIX_ADDRESS + ROWS_PREFIX_SIZE + index * ROW_SIZE
}

export function rowIndex(address: bigint): number {
  return (Number(address) - rowAddress(0)) / ROW_SIZE
}

export function putWord(buffer: Buffer, offset: number, word: bigint): void {
  buffer.writeBigUInt64LE(BigInt.asUintN(64, word), offset)
}
