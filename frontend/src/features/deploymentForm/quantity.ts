export type Scales = Readonly<Record<string, number>>

/** Of tokens and requests 1k is 1,024, as in the service and in every public benchmark. */
const counts: Scales = { k: 2 ** 10, K: 2 ** 10, M: 2 ** 20, 千: 1e3, 万: 1e4 }
export const perSecond: Scales = { k: 1e3, K: 1e3, M: 1e6 }
export const milliseconds: Scales = { ms: 1, s: 1e3, 毫秒: 1, 秒: 1e3 }

const grouped = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
const parts = /^([+-]?[\d.,]+(?:e[+-]?\d+)?)\s*(.*)$/

/** "4k", "1.5M", "4,096" and, of times, "2 s" as a number; undefined of anything else. */
export function quantityOf(text: string, units: Scales = counts): number | undefined {
  const [, digits = '', suffix = ''] = parts.exec(text.trim()) ?? []
  const scale = suffix === '' ? 1 : units[suffix]
  const number = Number(grouped.test(digits) ? digits.replaceAll(',', '') : digits)
  if (digits === '' || scale === undefined || !Number.isFinite(number)) return undefined
  // 1.005k is 1,005, whatever binary fractions say.
  return Number((number * scale).toPrecision(15))
}

/** What a number field holds: a number, nothing, or a text that is none. */
export type Typed = number | string | null | undefined

/** What was typed, as far as it is understood: else the text itself, which no rule lets pass. */
export function typedValue(text: string, units?: Scales): number | string | null {
  return text.trim() === '' ? null : (quantityOf(text, units) ?? text)
}

export interface Bounds {
  readonly min: number
  readonly max?: number
  readonly integer?: boolean
  readonly required?: boolean
}

export type Problem = 'required' | 'notANumber' | 'outOfBounds'

/** What is wrong with the value of a number field. */
export function problemOf(value: Typed, bounds: Bounds): Problem | undefined {
  const { min, max = Number.POSITIVE_INFINITY, integer = false, required = false } = bounds
  if (value == null || value === '') return required ? 'required' : undefined
  if (typeof value === 'string') return 'notANumber'
  const within = value >= min && value <= max && (!integer || Number.isInteger(value))
  return within ? undefined : 'outOfBounds'
}
