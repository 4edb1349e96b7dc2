import type { Since } from '@/searchParams'

const days: Readonly<Record<Since, number>> = { today: 1, week: 7, month: 30 }

/** The first moment of so many days, today being the last of them, as the reader's clock has it. */
export function sinceMoment(since: Since, now: Date): string {
  const first = now.getDate() - days[since] + 1
  return new Date(now.getFullYear(), now.getMonth(), first).toISOString()
}
