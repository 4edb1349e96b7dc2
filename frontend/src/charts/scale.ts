/** A figure's place on an axis, and back. */
export interface Scale {
  readonly place: (value: number) => number
  readonly value: (place: number) => number
  readonly ticks: readonly number[]
}

interface Extent {
  readonly low: number
  readonly high: number
}

/** The least and the greatest of finite values; a little room for a single one. */
export function extentOf(values: ArrayLike<number>): Extent {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return { low: 0, high: 1 }
  return low === high ? { low: low * 0.9, high: high * 1.1 || 1 } : { low, high }
}

/** Round figures, about so many of them. */
export function linearTicks({ low, high }: Extent, about: number): readonly number[] {
  const rough = (high - low) / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power
  const first = Math.ceil(low / step)
  const count = Math.floor(high / step) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/** 1, 2 and 5 of each decade, or its powers alone where there are many. */
export function logTicks({ low, high }: Extent): readonly number[] {
  const decades = Math.log10(high / low)
  const digits = decades > 4 ? [1] : [1, 2, 5]
  const from = Math.floor(Math.log10(low))
  const ticks = Array.from({ length: Math.ceil(decades) + 2 }, (_, i) => 10 ** (from + i)).flatMap(
    (power) => digits.map((digit) => digit * power),
  )
  return ticks.filter((tick) => tick >= low && tick <= high)
}

/** From an extent, with some room at its ends, to `start` … `end` in pixels. */
export function scaleOf(extent: Extent, start: number, end: number, isLog: boolean): Scale {
  const through = isLog ? Math.log : (value: number) => value
  const back = isLog ? Math.exp : (value: number) => value
  const room = (through(extent.high) - through(extent.low)) * 0.04
  const [from, to] = [through(extent.low) - room, through(extent.high) + room]
  const perPixel = (to - from) / (end - start)
  const ends = { low: back(from), high: back(to) }
  return {
    place: (value) => start + (through(value) - from) / perPixel,
    value: (place) => back(from + (place - start) * perPixel),
    ticks: isLog ? logTicks(ends) : linearTicks(ends, 6),
  }
}
