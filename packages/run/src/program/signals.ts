import { type Bytes, bytes, type Shown, shown } from '@gocker/kernel'
import { SIGNAL_SET_SIZE } from './constants.ts'

export const everySignal: Shown = shown(bytes(Buffer.alloc(SIGNAL_SET_SIZE, 0xff)), 'every signal')

/** A sigset_t with these signals. */
export function signalSet(...signals: readonly number[]): Bytes {
  const set = Buffer.alloc(SIGNAL_SET_SIZE)
  set.writeBigUInt64LE(signals.reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n))
  return bytes(set)
}
