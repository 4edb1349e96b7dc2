/** 4,096 as "4k", 1,000 as "1,000": short where it is exact. Of tokens and requests 1k is 1,024. */
export function shortCount(value: number, integer: (value: number) => string): string {
  for (const [sign, scale] of [
    ['M', 2 ** 20],
    ['k', 2 ** 10],
  ] as const) {
    const scaled = value / scale
    if (scaled >= 1 && Number.isInteger(scaled * 2)) return `${scaled}${sign}`
  }
  return integer(value)
}
