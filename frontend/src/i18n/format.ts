import type { Language } from '@/i18n/language'

const numberFormats = new Map<string, Intl.NumberFormat>()

function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options)
  const known = numberFormats.get(key) ?? new Intl.NumberFormat(language, options)
  numberFormats.set(key, known)
  return known
}

/** A thousandth of a millisecond: below it a prediction means nothing. */
const smallestMs = 0.001

/** Beyond it two figures are the same. */
const mostDigits = 9

/** A space no line breaks at keeps a number and its unit together. */
const gap = '\u00a0'

export interface Formats {
  readonly integer: (value: number) => string
  /** Three significant digits, never fewer than all digits before the point. */
  readonly figure: (value: number) => string
  /** Two figures with as many digits as it takes to tell them apart. */
  readonly apart: (one: number, other: number) => readonly [string, string]
  /** "412–655", as figures, without the unit. */
  readonly range: (low: number, high: number) => string
  readonly percent: (share: number) => string
  /** In whole percent; ">99%" and "<1%" where it is nearly sure, never 100% or 0%. */
  readonly probability: (share: number) => string
  /** "+12%", "-3.1%": always with its sign. */
  readonly change: (share: number) => string
  readonly ms: (milliseconds: number) => string
  readonly seconds: (seconds: number) => string
  readonly duration: (milliseconds: number) => string
  readonly rate: (tokensPerSecond: number) => string
  readonly gb: (gigabytes: number) => string
  readonly bytes: (bytes: number) => string
  readonly bandwidth: (bytesPerSecond: number) => string
  /** In TFLOP/s, without the unit. */
  readonly teraflops: (flopPerSecond: number) => string
  readonly parameters: (count: number) => string
  readonly usd: (dollars: number) => string
  /** "+0.51 %": a change that is in percent already. */
  readonly percentChange: (percent: number) => string
  readonly dateTime: (iso: string) => string
  /** A moment to come: the hour is enough if it is today. */
  readonly soon: (iso: string) => string
}

function digitsAfterPoint(value: number): number {
  const magnitude = Math.abs(value)
  if (magnitude >= 100 || magnitude === 0) return 0
  if (magnitude >= 10) return 1
  if (magnitude >= 1) return 2
  return Math.min(6, 2 - Math.floor(Math.log10(magnitude)))
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

/** 80 ms, 4.2 s, 1:05, 2:03:04 — the same in every language. */
function clock(milliseconds: number, figure: (value: number) => string): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 1) return `${Math.round(milliseconds)}${gap}ms`
  if (seconds < 10) return `${figure(Math.round(seconds * 10) / 10)}${gap}s`
  if (seconds < 60) return `${Math.floor(seconds)}${gap}s`
  const whole = Math.floor(seconds)
  const rest = `${twoDigits(Math.floor(whole / 60) % 60)}:${twoDigits(whole % 60)}`
  return whole < 3600 ? rest.replace(/^0/, '') : `${Math.floor(whole / 3600)}:${rest}`
}

export function formatsFor(language: Language): Formats {
  const integer = (value: number) =>
    numberFormat(language, { maximumFractionDigits: 0 }).format(value)
  const figure = (value: number) => {
    const digits = digitsAfterPoint(value)
    return numberFormat(language, { maximumFractionDigits: digits }).format(value)
  }
  const wholePercent = (share: number) =>
    numberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share)
  const hours = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const times = new Intl.DateTimeFormat(language, hours)
  const dates = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', ...hours })
  const scaled = (value: number, scale: number, unit: string) =>
    `${figure(value / scale)}${gap}${unit}`
  return {
    integer,
    figure,
    apart: (one, other) => {
      const least = Math.max(digitsAfterPoint(one), digitsAfterPoint(other))
      for (let digits = least; digits <= mostDigits; digits += 1) {
        const format = numberFormat(language, { maximumFractionDigits: digits })
        const texts = [format.format(one), format.format(other)] as const
        if (texts[0] !== texts[1]) return texts
      }
      return [figure(one), figure(other)]
    },
    range: (low, high) => `${figure(low)}–${figure(high)}`,
    percent: (share) =>
      numberFormat(language, {
        style: 'percent',
        maximumFractionDigits: share < 0.1 ? 1 : 0,
      }).format(share),
    probability: (share) => {
      if (share > 0 && share < 0.005) return `<${wholePercent(0.01)}`
      return share >= 0.995 && share < 1 ? `>${wholePercent(0.99)}` : wholePercent(share)
    },
    change: (share) =>
      numberFormat(language, {
        style: 'percent',
        signDisplay: 'exceptZero',
        maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0,
      }).format(share),
    ms: (value) =>
      value > 0 && value < smallestMs
        ? `<${gap}${figure(smallestMs)}${gap}ms`
        : scaled(value, 1, 'ms'),
    seconds: (value) => scaled(value, 1, 's'),
    duration: (value) => clock(value, figure),
    rate: (value) => scaled(value, 1, 'tokens/s'),
    gb: (value) => scaled(value, 1, 'GB'),
    bytes: (value) => scaled(value, 1e9, 'GB'),
    bandwidth: (value) => scaled(value, 1e12, 'TB/s'),
    teraflops: (value) => integer(value / 1e12),
    parameters: (value) => scaled(value, 1e9, 'B'),
    usd: (value) => {
      const digits = Math.max(2, digitsAfterPoint(value))
      const options = { style: 'currency', currency: 'USD', minimumFractionDigits: 2 } as const
      return numberFormat(language, { ...options, maximumFractionDigits: digits }).format(value)
    },
    percentChange: (value) =>
      numberFormat(language, {
        style: 'percent',
        signDisplay: 'exceptZero',
        maximumFractionDigits: Math.abs(value) >= 10 ? 0 : 2,
      }).format(value / 100),
    dateTime: (iso) => dates.format(new Date(iso)),
    soon: (iso) => {
      const moment = new Date(iso)
      const isToday = moment.toDateString() === new Date().toDateString()
      return (isToday ? times : dates).format(moment)
    },
  }
}
