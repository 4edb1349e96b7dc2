import type { Palette } from '@/charts/palette'

/** Text that came from a server or a user must not become markup in a tooltip. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

export function tooltipStyle(palette: Palette) {
  return {
    backgroundColor: palette.surface,
    borderColor: palette.line,
    textStyle: { color: palette.text, fontSize: 12 },
    confine: true,
  }
}

/** An axis with its name along it. */
export function namedAxis(palette: Palette, name: string, nameGap: number) {
  return {
    name,
    nameGap,
    nameLocation: 'middle',
    nameTextStyle: { color: palette.muted, fontSize: 12 },
    axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.line } },
  }
}

/** The same for figures: with lines across, and not forced to start at zero. */
export function figureAxis(
  palette: Palette,
  name: string,
  nameGap: number,
  figure: (value: number) => string,
) {
  const axis = namedAxis(palette, name, nameGap)
  return {
    ...axis,
    type: 'value',
    scale: true,
    axisLabel: { ...axis.axisLabel, formatter: (value: number) => figure(value) },
    splitLine: { lineStyle: { color: palette.line } },
  }
}

/** Text of a tooltip, line by line. */
export function tooltipText(text: string | undefined): string {
  return escapeHtml(text ?? '').replaceAll('\n', '<br>')
}
