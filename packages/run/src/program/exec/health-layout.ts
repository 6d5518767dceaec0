/**
 * The file of a container's health checks: records of the last checks one after the other, each in the place that follows the one before,
 * and from {@link OUTPUT_BASE} on what the checks said, in the same places. There is one place more than are read: whoever reads while
 * a check is running finds the last ones whole.
 */

export const PLACES = 6
/** Distance of records. */
export const RECORD_SPACE = 128
export const OUTPUT_BASE = 4096
/** Bytes of output that are kept of a check. */
export const OUTPUT_SPACE = 4096

/** The words of a record, little-endian and of 64 bits. Its number is its last word, too: where they differ it is half written. */
export const RECORD_WORDS = [
  /** Of the check, from 1. */
  'number',
  /** Seconds since 1970, and nanoseconds. */
  'beginSeconds',
  'beginNanoseconds',
  'endSeconds',
  'endNanoseconds',
  /** A raw wait status, or one of {@link NO_STATUS}. */
  'status',
  /** How many have failed in a row. */
  'streak',
  /** An index of {@link HEALTH_STATES}. */
  'state',
  /** Bytes of output. */
  'length',
  'again',
] as const

export const HEALTH_STATES = ['starting', 'healthy', 'unhealthy'] as const

/** In the place of a status, beyond all of them. */
export const NO_STATUS = {
  /** Killed for want of an end. */
  late: 1n << 32n,
  /** The output is the failed row's report. */
  notStarted: 1n << 33n,
} as const
