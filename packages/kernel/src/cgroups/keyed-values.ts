/** Reads lines of `key number`, such as memory.stat's. */
export function keyedValues(text: string | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(
    (text ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [key = '', value] = line.split(' ')
        return [key, Number(value)]
      }),
  )
}

/** Reads a limit; undefined for none: `max`, or v1's largest number of pages. */
export function readLimit(text: string | undefined): number | undefined {
  const limit = Number(text)
  return Number.isNaN(limit) || limit >= V1_UNLIMITED ? undefined : limit
}

// LONG_MAX rounded down to a page: 4 KiB, or 64 KiB on some arm64.
const V1_UNLIMITED = 2 ** 63 - 2 ** 17
