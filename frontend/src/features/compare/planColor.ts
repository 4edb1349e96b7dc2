import type { Palette } from '@/charts/palette'

/** The colours of columns, in their order; from the seventh on they come again. */
const planColors = [
  'accent',
  'memory',
  'communication',
  'compute',
  'waiting',
  'overhead',
] as const satisfies readonly (keyof Palette)[]

const nameOf = (at: number) => planColors[at % planColors.length] ?? 'accent'

/** The colour of a compared plan in whatever is drawn. */
export function planColor(palette: Palette, at: number): string {
  return palette[nameOf(at)]
}

/** The same for style sheets. */
export function planVariable(at: number): string {
  return `var(--${nameOf(at)})`
}

/** Whether its colour is another plan's too, from which a dashed line tells it. */
export function isColorUsed(at: number): boolean {
  return at >= planColors.length
}
