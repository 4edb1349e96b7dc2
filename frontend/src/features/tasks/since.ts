import type { HistorySearch, Since } from '@/searchParams'

const days: Readonly<Record<Since, number>> = { today: 1, week: 7, month: 30 }

/** The first moment of so many days, today being the last of them, as the reader's clock has it. */
export function sinceMoment(since: Since, now: Date): string {
  const first = now.getDate() - days[since] + 1
  return new Date(now.getFullYear(), now.getMonth(), first).toISOString()
}

/** The first moment of a day such as 2026-11-27, or of one so many days later. */
function dayMoment(day: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).toISOString()
}

/** A day as an address and a date's input write it. */
export function dayText(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
}

/** When the tasks were submitted that are asked for; both days of a range belong to it. */
export function periodOf({ since, from, to }: HistorySearch, now: Date) {
  const first = from === undefined ? undefined : dayMoment(from)
  return {
    created_after: since === undefined ? first : sinceMoment(since, now),
    created_before: since !== undefined || to === undefined ? undefined : dayMoment(to, 1),
  }
}
